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

/* ---- what it refers to */

static void add_conds(struct buf *out, const struct conds *list);

static void
add_host(struct buf *out, const struct host *h)
{
	if (h == NULL || h->node == NULL)
		return;
	buf_addf(out, "\"host %s\":", h->name);
	add_node(out, h->node, KEYS_OF_THE_LANGUAGE);
	buf_addc(out, ',');
}

/* Not for looks: those of an identity are on hosts of the environment. */
static void
add_environment(struct buf *out, const struct host *h)
{
	if (h != NULL && h->environment != NULL) {
		buf_adds(out, "\"environment\":");
		add_node(out, h->environment->node, KEYS_OF_THE_LANGUAGE);
		buf_addc(out, ',');
		add_conds(out, &h->environment->identity);
	}
}

static void
add_body(struct buf *out, const struct body *body)
{
	char hex[DIGEST_HEX + 1];

	add_host(out, body->host);
	if (body->input.file == NULL)
		return;
	sha256_hex(body->input.bytes, body->input.len, hex);
	buf_addf(out, "\"file\":\"%s\",", hex);
}

static void
add_cond(struct buf *out, const struct cond *c)
{
	if (c->how == COND_LOOK)
		add_body(out, &c->body);
	if (c->how != COND_CHECK)
		return;
	buf_addf(out, "\"check %s\":", c->check->name);
	add_node(out, c->check->node, KEYS_OF_THE_LANGUAGE);
	buf_addc(out, ',');
	add_cond(out, &c->check->cond);
}

static void
add_conds(struct buf *out, const struct conds *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		add_cond(out, &list->v[i]);
}

static void
add_targets(struct buf *out, const struct book *b, const struct plains *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct environment *env = book_environment(b,
		    list->v[i]);

		add_host(out, book_host(b, list->v[i]));
		if (env == NULL)
			continue;
		buf_adds(out, "\"target\":");
		add_node(out, env->node, KEYS_OF_THE_LANGUAGE);
		buf_addc(out, ',');
		add_conds(out, &env->identity);
	}
}

static void
add_step(struct buf *out, const struct step *s)
{
	buf_adds(out, "{\"step\":");
	add_node(out, s->node, KEYS_OF_THE_LANGUAGE);
	buf_addc(out, ',');
	add_body(out, &s->body);
	add_environment(out, s->body.host);
	add_conds(out, &s->require);
	add_conds(out, &s->done_when);
	add_conds(out, &s->verify);
	/* a step of a file is named, so that its outputs can be told apart */
	if (s->file != NULL)
		buf_addf(out, "\"id\":\"%s\",", s->id);
	if (s->include != NULL)
		buf_addf(out, "\"include\":\"%s\",", s->include->digest);
	if (s->undo != NULL && s->undo->step != NULL)
		add_step(out, s->undo->step);
	buf_adds(out, "}");
}

static void
fingerprint(const struct book *b, const struct step *s, struct buf *text,
    struct digest *d, char out[DIGEST_HEX + 1])
{
	buf_reset(text);
	add_step(text, s);
	add_targets(text, b, &s->targets);
	digest_add(d, text->data, text->len);
	digest_hex(d, out);
}

void
step_fingerprint(const struct book *b, const struct step *s,
    char out[DIGEST_HEX + 1])
{
	struct buf text = BUF_INIT(SIZE_MAX);
	struct digest *d = digest_new();

	fingerprint(b, s, &text, d, out);
	digest_free(d);
	buf_free(&text);
}

/* ---- all of a book */

static void
fill_steps(struct book *b, const struct steps *steps, struct buf *text,
    struct digest *d)
{
	size_t i;

	for (i = 0; i < steps->n; i++) {
		struct step *s = steps->v[i];
		struct step *undo = s->undo == NULL ? NULL : s->undo->step;

		fingerprint(b, s, text, d, s->fingerprint);
		if (undo != NULL)
			fingerprint(b, undo, text, d, undo->fingerprint);
	}
}

static void
fill_file(struct book *b, struct step_file *f, struct buf *text,
    struct digest *d)
{
	const struct node *inputs = node_get(f->node, "inputs");
	const struct node *outputs = node_get(f->node, "outputs");
	size_t i;

	fill_steps(b, &f->steps, text, d);
	buf_reset(text);
	if (inputs != NULL)
		add_node(text, inputs, KEYS_NAMED);
	for (i = 0; i < f->steps.n; i++)
		buf_addf(text, ",%s", f->steps.v[i]->fingerprint);
	buf_addc(text, ',');
	if (outputs != NULL)
		add_node(text, outputs, KEYS_NAMED);
	sha256_hex(text->data, text->len, f->digest);
}

void
book_fingerprints(struct book *b)
{
	struct buf text = BUF_INIT(SIZE_MAX);
	struct digest *d = digest_new();
	size_t i;

	for (i = 0; i < b->index->step_file_list.n; i++)
		fill_file(b, b->index->step_file_list.v[i], &text, d);
	for (i = 0; i < b->phases.n; i++)
		fill_steps(b, &b->phases.v[i].steps, &text, d);
	digest_free(d);
	buf_free(&text);
}
