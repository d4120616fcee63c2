#include "book/check_private.h"

#include <string.h>

#include "base/arena.h"

/* Steps of a book with all its files put in where they are called. */
#define MAX_LAID_OUT ((size_t)100000)

struct mark
step_mark(const struct step *s, const char *key)
{
	const struct node *n = node_get(s->node, key);

	return n == NULL ? s->mark : n->mark;
}

struct file_use *
file_use(struct checker *c, const struct step_file *f)
{
	struct file_use *use = map_get(c->uses, f->path);

	if (use != NULL)
		return use;
	use = arena_alloc(c->d->arena, sizeof *use);
	use->first = AFTER_ALL;
	use->covered = true;
	map_put(c->uses, f->path, use);
	return use;
}

/* ---- who calls which file */

static void
note_call(struct checker *c, const struct step *s, bool has_undo)
{
	const struct file_use *own = s->file == NULL ? NULL :
	    file_use(c, s->file);
	size_t first = own == NULL ? s->order : own->first;
	struct file_use *use;

	if (s->include == NULL)
		return;
	use = file_use(c, s->include);
	vec_push(&use->callers, s);
	if (first < use->first)
		use->first = first;
	use->covered = use->covered && (has_undo ||
	    (own != NULL && own->covered));
}

static void
note_calls(struct checker *c, const struct steps *steps)
{
	size_t i;

	for (i = 0; i < steps->n; i++) {
		const struct step *s = steps->v[i];

		note_call(c, s, s->undo != NULL);
		/* nobody takes back what an undo did */
		if (s->undo != NULL && s->undo->step != NULL)
			note_call(c, s->undo->step, true);
	}
}

static void
note_all_calls(struct checker *c)
{
	const struct book_index *x = c->book->index;
	size_t i;

	for (i = 0; i < c->book->phases.n; i++)
		note_calls(c, &c->book->phases.v[i].steps);
	/* callers come before what they call */
	for (i = x->step_file_list.n; i-- > 0;)
		note_calls(c, &x->step_file_list.v[i]->steps);
}

/* ---- how large the book is with its files */

static size_t
add(size_t a, size_t b)
{
	return a > MAX_LAID_OUT || b > MAX_LAID_OUT ? MAX_LAID_OUT + 1 :
	    a + b;
}

static size_t
weigh(const struct steps *steps, const struct map *weights)
{
	size_t sum = 0, i;

	for (i = 0; i < steps->n; i++) {
		const struct step *s = steps->v[i];
		const struct step *undo = s->undo == NULL ? NULL :
		    s->undo->step;

		sum = add(sum, 1);
		if (s->include != NULL)
			sum = add(sum, *(size_t *)map_get(weights,
			    s->include->path));
		if (undo != NULL && undo->include != NULL)
			sum = add(sum, *(size_t *)map_get(weights,
			    undo->include->path));
	}
	return sum;
}

static bool
is_too_large(struct checker *c)
{
	const struct book_index *x = c->book->index;
	struct map *weights = map_new();
	size_t sum = 0, i, *weight;

	for (i = 0; i < x->step_file_list.n; i++) {
		weight = arena_alloc(c->d->arena, sizeof *weight);
		*weight = weigh(&x->step_file_list.v[i]->steps, weights);
		map_put(weights, x->step_file_list.v[i]->path, weight);
	}
	for (i = 0; i < c->book->phases.n; i++)
		sum = add(sum, weigh(&c->book->phases.v[i].steps, weights));
	map_free(weights);
	if (sum > MAX_LAID_OUT)
		errs_add(c->errs, c->book->phases.v[0].mark, "the book has "
		    "more than %zu steps when each file is put in where it "
		    "is called", MAX_LAID_OUT);
	return sum > MAX_LAID_OUT;
}

/* ---- steps */

#define STEP(m) offsetof(struct step, m)

static const char *
no_self_in(size_t offset)
{
	if (offset == STEP(done_when))
		return "`done_when` is about the world, also before the work: "
		    "use `verify`, or a look, in which `self` is what it saw";
	if (offset == STEP(require))
		return "`require` is asked before the work; in a look `self` "
		    "is what it saw";
	return "nothing is known of this step before its work";
}

static void
check_include(const struct names *n, const struct step *s)
{
	if (s->include != NULL)
		check_with(n, &s->with, &s->include->inputs,
		    step_mark(s, "include"), s->include_path);
}

/* The list is made before there is an item. */
static void
check_each(const struct names *n, const struct step *s)
{
	struct names before = *n;

	before.item = false;
	names_expr(&before, "in", false, s->each.in);
	names_expr(n, "key", false, s->each.key);
	names_text(n, "title", false, s->each.title);
	if (s->allowed_by == NULL || s->gate == NULL ||
	    s->gate->each.in == NULL)
		return;
	errs_add(n->c->errs, step_mark(s, "allowed_by"), "the gate '%s' is "
	    "asked for each item: it cannot allow a step", s->gate->id);
}

static void
step_row(const struct names *n, const struct field *f, const struct step *s)
{
	const struct leaves leaves = leaves_of_step(s);
	struct names here = *n;
	const void *src = (const char *)s + f->offset;

	here.no_self = no_self_in(f->offset);
	if (f->offset == STEP(verify))
		here.self = &leaves;
	here.item = n->item && f->offset != STEP(when);
	if (f->offset == STEP(each))
		check_each(&here, s);
	else if (f->type == &field_conditions)
		check_conds(&here, src);
	else if (f->type == &field_captures)
		check_captures(&here, src, &leaves);
	else if (f->offset == STEP(with))
		check_include(&here, s);
	else if (f->type != &field_undo)
		names_row(&here, f, src);
}

/* Only rows that are written, so that a step costs what it says. */
static void
step_rows(const struct names *n, const struct shape *shape,
    const struct step *s)
{
	size_t i;

	for (i = 0; i < s->node->count; i++) {
		const struct node *key = s->node->entries[i].key;
		struct row row = decode_row(n->c->d, shape, key->text,
		    key->len);
		struct field f;

		if (row.kind != NULL && row.kind == s->body.kind) {
			names_row(n, row.field, (const char *)s->body.spec +
			    row.field->offset);
		} else if (row.kind == NULL && row.field != NULL &&
		    !(row.field->flags & FIELD_LATER)) {
			f = *row.field;
			if (shape == &undo_shape)
				f.offset -= offsetof(struct undo_written,
				    step);
			step_row(n, &f, s);
		}
	}
	if (s->include != NULL && node_get(s->node, "with") == NULL)
		check_include(n, s);
}

static void
check_within(const struct names *n, const struct step *s)
{
	bool waits = s->verify.n > 0 || s->done_when.n > 0;

	if (s->within > 0 && !waits)
		errs_add(n->c->errs, step_mark(s, "within"), "`within` looks "
		    "again at `done_when` and `verify`, and there is neither");
	if (node_get(s->node, "every") != NULL && s->within == 0 &&
	    (s->body.kind == NULL || !n->c->kinds->is_gate(s->body.kind)))
		errs_add(n->c->errs, step_mark(s, "every"), "`every` belongs "
		    "to `within`: how long shall be looked again?");
}

/* Commands that a row of `trouble` may offer. */
static const struct {
	const char *word;
	bool built;
} offers[] = {
	{ "retry", true }, { "done", true }, { "skip", true },
	{ "resume", true }, { "undo", true }, { "stop", true },
	{ "pause", true }, { "close", true }, { "answer", true },
	{ "status", true }, { "log", true },
	{ "redo", false }, { "wait", false },
};

static void
check_offer(const struct names *n, const char *offer, struct mark mark)
{
	size_t len = strcspn(offer, " "), i;

	for (i = 0; i < sizeof offers / sizeof *offers; i++)
		if (strncmp(offers[i].word, offer, len) == 0 &&
		    offers[i].word[len] == '\0')
			break;
	if (i == sizeof offers / sizeof *offers) {
		errs_add(n->c->errs, mark, "`offer` prints a command, and "
		    "cairn has none that begins with '%s'", offer);
		errs_hint(n->c->errs, "such as retry, done, skip or undo --to "
		    "STEP; other advice belongs into `say`");
	} else if (!offers[i].built) {
		errs_add(n->c->errs, mark, "'%s' in an `offer` is not built "
		    "yet", offers[i].word);
	}
}

static void
check_trouble(const struct names *n, const struct step *s)
{
	const struct node *list = node_get(s->node, "trouble");
	const struct trouble *rows = s->trouble.v;
	size_t i, k;

	for (i = 0; i < s->trouble.n; i++)
		for (k = 0; k < rows[i].offer.n; k++)
			check_offer(n, rows[i].offer.v[k], node_get(
			    list->type == NODE_LIST ? list->items[i] : list,
			    "offer")->mark);
}

static void
check_retry(const struct names *n, const struct step *s)
{
	if (node_get(s->node, "retry") == NULL)
		return;
	if (s->retry.times < 1 || s->retry.times > 1000)
		errs_add(n->c->errs, step_mark(s, "retry"), "`times` of a "
		    "`retry` is from 1 to 1000 further attempts");
	if (!s->repeatable) {
		errs_add(n->c->errs, step_mark(s, "retry"), "only a step that "
		    "may be run again has a `retry`, and '%s' does not say "
		    "so", s->id);
		errs_hint(n->c->errs, "repeatable: true, if running it again "
		    "does no harm");
	}
}

static void
check_idle(const struct names *n, const struct step *s)
{
	if (s->body.kind != NULL || s->include_path != NULL ||
	    s->require.n + s->done_when.n + s->verify.n + s->capture.n > 0)
		return;
	errs_add(n->c->errs, s->mark, "the step '%s' has nothing to do",
	    s->id);
	errs_hint(n->c->errs, "it wants a kind (`run`, `gate`, …), `include`, "
	    "a condition or a capture");
}

static void
check_undo(const struct names *of, const struct step *undo)
{
	struct names n = *of;

	/* the step that it takes back has ended */
	n.before = of->before + 1;
	step_rows(&n, &undo_shape, undo);
	if (!undo->whole)
		return;
	check_body(&n, &undo_shape, undo->node, &undo->body, undo->effect);
	check_effect(&n, undo);
	check_within(&n, undo);
}

static void
check_step(struct checker *c, const struct step *s)
{
	const struct names n = names_of_step(c, s);

	step_rows(&n, &step_shape, s);
	if (s->whole) {
		check_body(&n, &step_shape, s->node, &s->body, s->effect);
		check_idle(&n, s);
		check_effect(&n, s);
		check_within(&n, s);
		check_trouble(&n, s);
		check_retry(&n, s);
		warn_step(c, s);
	}
	if (s->undo == NULL)
		return;
	names_text(&n, "none", false, s->undo->none);
	if (s->undo->step != NULL)
		check_undo(&n, s->undo->step);
}

static void
check_steps(struct checker *c, const struct steps *steps)
{
	size_t i;

	for (i = 0; i < steps->n; i++)
		check_step(c, steps->v[i]);
}

/* ---- the rest of the book */

static const struct field *
row_of(struct checker *c, const struct shape *shape, const char *key)
{
	return decode_row(c->d, shape, key, strlen(key)).field;
}

static void
check_tables(struct checker *c)
{
	const struct book *b = c->book;
	struct names n = { .c = c, .place = IN_VARS };
	size_t i;

	for (i = 0; i < b->vars.n; i++)
		names_text(&n, "vars", false, b->vars.v[i].text);
	n.place = IN_TITLE;
	names_text(&n, "title", false, b->title);
	n.place = IN_SECRET;
	for (i = 0; i < b->secrets.n; i++) {
		const struct secret *s = &b->secrets.v[i];

		names_text(&n, "file", false, s->file);
		names_text(&n, "env", false, s->env);
		names_row(&n, row_of(c, &secret_shape, "command"),
		    &s->command);
		names_expr(&n, "when", false, s->when);
	}
	n.place = IN_HOST;
	for (i = 0; i < b->hosts.n; i++)
		names_row(&n, row_of(c, &host_shape, "env"),
		    &b->hosts.v[i].env);
}

static void
check_phases(struct checker *c)
{
	size_t order = 0, i;

	for (i = 0; i < c->book->phases.n; i++) {
		const struct phase *p = &c->book->phases.v[i];
		struct names n = { .c = c, .place = IN_BOOK, .before = order };

		names_text(&n, "title", false, p->title);
		names_expr(&n, "when", false, p->when);
		check_steps(c, &p->steps);
		order += p->steps.n;
	}
}

static void
check_files(struct checker *c)
{
	const struct book_index *x = c->book->index;
	size_t i, k;

	for (i = 0; i < x->step_file_list.n; i++) {
		const struct step_file *f = x->step_file_list.v[i];
		struct names n = { .c = c, .place = IN_FILE,
		    .inputs = &f->inputs, .file = f, .before = AFTER_ALL };

		check_steps(c, &f->steps);
		for (k = 0; k < f->outputs.n; k++)
			names_expr(&n, "outputs", false,
			    f->outputs.v[k].expr);
	}
}

static bool
is_guarded(const struct book *b)
{
	size_t i;

	for (i = 0; i < b->environments.n; i++)
		if (b->environments.v[i].has_may_destroy)
			return true;
	return false;
}

void
book_check_all(struct decode *d)
{
	struct checker c = { .d = d, .book = d->book, .kinds = d->kinds,
	    .errs = d->errs, .warnings = d->warnings };
	size_t i;

	c.uses = map_new();
	c.checks = arena_array(d->arena, d->book->checks.n, sizeof *c.checks);
	c.destroyed = arena_array(d->arena, d->book->environments.n,
	    sizeof *c.destroyed);
	c.guarded = is_guarded(d->book);
	if (d->book->phases.n > 0 && !is_too_large(&c)) {
		note_all_calls(&c);
		check_tables(&c);
		check_checks(&c);
		check_phases(&c);
		check_files(&c);
		check_environments(&c);
		warn_undo(&c);
		warn_names(&c);
	}
	for (i = 0; i < map_count(c.uses); i++)
		vec_free(&((struct file_use *)map_value(c.uses, i))->callers);
	vec_free(&c.without_undo);
	map_free(c.uses);
}
