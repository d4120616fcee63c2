/* What a step means, as a digest: the merged nodes as canonical JSON, without
 * what only people read, and with the digests of what they refer to. */
#include "book/decode_private.h"

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/limits.h"

/* Said to people, or about time only (details.md 4). */
static const char *const silent[] = { "id", "title", "ref", "help", "say",
    "trouble", "timeout", "stall", "template", "description", NULL };

/* Keys whose value is a map with names of the author's own. */
static const char *const named[] = { "env", "with", "capture", "show",
    "headers", "choices", "fields", "inputs", "outputs", "rename", NULL };

/* Keys whose value is data down to its leaves. */
static const char *const data[] = { "body", "default", NULL };

/* What the keys of a map are. */
enum keys { KEYS_OF_THE_LANGUAGE, KEYS_NAMED, KEYS_ALL_DATA };

/* A list of one may be written without brackets. */
static const char *const lists[] = { "require", "done_when", "verify",
    "expect", "refuse", "ok_exit", "targets", "identity", "may_destroy",
    "checklist", NULL };

static bool
is_in(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static void
add_string(struct buf *out, const char *s, size_t n)
{
	size_t i, from = 0;

	buf_addc(out, '"');
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, s + from, i - from);
		buf_addf(out, "\\u%04x", c);
		from = i + 1;
	}
	buf_add(out, s + from, n - from);
	buf_addc(out, '"');
}

/* ---- nodes */

static void add_node(struct buf *out, const struct node *n, enum keys keys);

static int
by_key(const void *a, const void *b)
{
	const struct node_entry *x = *(const struct node_entry *const *)a;
	const struct node_entry *y = *(const struct node_entry *const *)b;

	return strcmp(x->key->text, y->key->text);
}

static enum keys
below(enum keys keys, const char *key)
{
	if (keys == KEYS_ALL_DATA)
		return keys;
	if (keys == KEYS_NAMED)
		return KEYS_OF_THE_LANGUAGE;
	return is_in(named, key) ? KEYS_NAMED : is_in(data, key) ?
	    KEYS_ALL_DATA : keys;
}

static void
add_entry(struct buf *out, const struct node_entry *e, enum keys keys)
{
	const char *key = e->key->text;
	bool list = keys == KEYS_OF_THE_LANGUAGE &&
	    e->value->type != NODE_LIST && is_in(lists, key);

	add_string(out, key, e->key->len);
	buf_adds(out, list ? ":[" : ":");
	add_node(out, e->value, below(keys, key));
	if (list)
		buf_addc(out, ']');
}

#define FEW 32

static void
add_map(struct buf *out, const struct node *n, enum keys keys)
{
	const struct node_entry *few[FEW];
	const struct node_entry **sorted = n->count <= FEW ? few :
	    xcalloc(n->count, sizeof *sorted);
	size_t count = 0, i;

	for (i = 0; i < n->count; i++)
		if (keys != KEYS_OF_THE_LANGUAGE ||
		    !is_in(silent, n->entries[i].key->text))
			sorted[count++] = &n->entries[i];
	qsort(sorted, count, sizeof *sorted, by_key);
	buf_addc(out, '{');
	for (i = 0; i < count; i++) {
		if (i > 0)
			buf_addc(out, ',');
		add_entry(out, sorted[i], keys);
	}
	buf_addc(out, '}');
	if (sorted != few)
		free(sorted);
}

static void
add_node(struct buf *out, const struct node *n, enum keys keys)
{
	size_t i;

	switch (n->type) {
	case NODE_SCALAR:
		if (node_is_null(n))
			buf_adds(out, "null");
		else
			add_string(out, n->text, n->len);
		break;
	case NODE_MAP:
		add_map(out, n, keys);
		break;
	case NODE_LIST:
		buf_addc(out, '[');
		for (i = 0; i < n->count; i++) {
			if (i > 0)
				buf_addc(out, ',');
			add_node(out, n->items[i], keys == KEYS_NAMED ?
			    KEYS_OF_THE_LANGUAGE : keys);
		}
		buf_addc(out, ']');
		break;
	}
}

/* ---- what it refers to: by digest, so that a step costs what it says */

static void
add_ref(struct buf *out, const char *what, const char *digest)
{
	buf_addf(out, "\"%s\":\"%s\",", what, digest);
}

static void
add_body(struct buf *out, const struct book *b, const struct body *body)
{
	if (body->host == NULL)
		add_ref(out, "hosts", b->index->hosts_digest);
	else if (body->host->node != NULL)
		add_ref(out, "host", body->host->digest);
	if (body->input.file != NULL)
		add_ref(out, "file", body->input.digest);
}

static void
add_conds(struct buf *out, const struct book *b, const struct conds *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct cond *c = &list->v[i];

		if (c->how == COND_LOOK)
			add_body(out, b, &c->body);
		else if (c->how == COND_CHECK)
			add_ref(out, "check", c->check->digest);
	}
}

static void
add_target(struct buf *out, const struct host *h,
    const struct environment *env)
{
	if (h != NULL && h->node != NULL)
		add_ref(out, "host", h->digest);
	if (env != NULL)
		add_ref(out, "environment", env->digest);
}

static void
add_step(struct buf *out, const struct book *b, const struct step *s)
{
	const struct step *undo = s->undo == NULL ? NULL : s->undo->step;
	size_t i;

	buf_adds(out, "{\"step\":");
	add_node(out, s->node, KEYS_OF_THE_LANGUAGE);
	buf_addc(out, ',');
	add_body(out, b, &s->body);
	if (s->body.host != NULL)
		add_target(out, NULL, s->body.host->environment);
	add_conds(out, b, &s->require);
	add_conds(out, b, &s->done_when);
	add_conds(out, b, &s->verify);
	for (i = 0; i < s->targets.n; i++)
		add_target(out, book_host(b, s->targets.v[i]),
		    book_environment(b, s->targets.v[i]));
	/* a step of a file is named, so that its outputs can be told apart */
	if (s->file != NULL)
		add_ref(out, "id", s->id);
	if (s->include != NULL)
		add_ref(out, "include", s->include->digest);
	if (undo != NULL)
		add_step(out, b, undo);
	buf_adds(out, "}");
}

/* ---- all of a book */

struct filler {
	struct book *book;
	struct buf text;
	struct digest *digest;
};

static void
finish(struct filler *f, char out[DIGEST_HEX + 1])
{
	digest_add(f->digest, f->text.data, f->text.len);
	digest_hex(f->digest, out);
	buf_reset(&f->text);
}

static void
fill_hosts(struct filler *f)
{
	struct book *b = f->book;
	size_t i;

	for (i = 1; i < b->hosts.n; i++) {
		add_node(&f->text, b->hosts.v[i].node, KEYS_OF_THE_LANGUAGE);
		finish(f, b->hosts.v[i].digest);
	}
	for (i = 1; i < b->hosts.n; i++)
		add_ref(&f->text, b->hosts.v[i].name, b->hosts.v[i].digest);
	finish(f, b->index->hosts_digest);
}

/* A check that only names another comes after it. */
static void
fill_check(struct filler *f, struct check *c)
{
	const struct conds one = { &c->cond, 1 };

	if (c->digest[0] != '\0')
		return;
	if (c->cond.how == COND_CHECK)
		fill_check(f, c->cond.check);
	add_node(&f->text, c->node, KEYS_OF_THE_LANGUAGE);
	add_conds(&f->text, f->book, &one);
	finish(f, c->digest);
}

static void
fill_environments(struct filler *f)
{
	struct book *b = f->book;
	size_t i;

	for (i = 0; i < b->environments.n; i++) {
		struct environment *env = &b->environments.v[i];

		add_node(&f->text, env->node, KEYS_OF_THE_LANGUAGE);
		add_conds(&f->text, b, &env->identity);
		finish(f, env->digest);
	}
}

static void
fill_steps(struct filler *f, const struct steps *steps)
{
	size_t i;

	for (i = 0; i < steps->n; i++) {
		struct step *s = steps->v[i];
		struct step *undo = s->undo == NULL ? NULL : s->undo->step;

		add_step(&f->text, f->book, s);
		finish(f, s->fingerprint);
		if (undo == NULL)
			continue;
		add_step(&f->text, f->book, undo);
		finish(f, undo->fingerprint);
	}
}

static void
fill_file(struct filler *f, struct step_file *file)
{
	const struct node *inputs = node_get(file->node, "inputs");
	const struct node *outputs = node_get(file->node, "outputs");
	size_t i;

	fill_steps(f, &file->steps);
	if (inputs != NULL)
		add_node(&f->text, inputs, KEYS_NAMED);
	for (i = 0; i < file->steps.n; i++)
		add_ref(&f->text, "step", file->steps.v[i]->fingerprint);
	if (outputs != NULL)
		add_node(&f->text, outputs, KEYS_NAMED);
	finish(f, file->digest);
}

void
book_fingerprints(struct book *b)
{
	struct filler f = { b, BUF_INIT(SIZE_MAX), digest_new() };
	size_t i;

	fill_hosts(&f);
	for (i = 0; i < b->checks.n; i++)
		fill_check(&f, &b->checks.v[i]);
	fill_environments(&f);
	for (i = 0; i < b->index->step_file_list.n; i++)
		fill_file(&f, b->index->step_file_list.v[i]);
	for (i = 0; i < b->phases.n; i++)
		fill_steps(&f, &b->phases.v[i].steps);
	digest_free(f.digest);
	buf_free(&f.text);
}
