/* Where and what: do the keys go together, is the text what it says? */
#include "book/check_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/source.h"
#include "book/outcomes.h"
#include "book/shell.h"

/* ---- keys that belong to other kinds */

static void
misplaced(const struct names *n, const struct node *key,
    const struct body *body, const struct shape *shape)
{
	if (body->kind != NULL)
		errs_add(n->c->errs, key->mark, "`%s` cannot stand beside "
		    "`%s`: it belongs to what runs a program", key->text,
		    body->kind->name);
	else
		errs_add(n->c->errs, key->mark, "`%s` belongs to what runs a "
		    "program, and %s without a kind runs none", key->text,
		    shape->name);
}

static void
beside_include(const struct names *n, const struct node *node)
{
	size_t i;

	for (i = 0; i < node->count; i++) {
		const struct node *key = node->entries[i].key;
		struct row row = decode_row(n->c->d, &step_shape, key->text,
		    key->len);

		if (row.kind == NULL && row.field != NULL &&
		    !(row.field->flags & (FIELD_CALLER | FIELD_LATER)))
			errs_add(n->c->errs, key->mark, "`%s` cannot stand "
			    "beside `include`: it stands at the steps of the "
			    "file", key->text);
	}
}

static void
check_keys(const struct names *n, const struct shape *shape,
    const struct node *node, const struct body *body)
{
	size_t i;

	if (node_get(node, "include") != NULL) {
		beside_include(n, node);
		return;
	}
	if (body->kind != NULL && n->c->kinds->runs_program(body->kind))
		return;
	for (i = 0; i < node->count; i++) {
		const struct node *key = node->entries[i].key;
		const struct field *f = decode_row(n->c->d, shape, key->text,
		    key->len).field;

		if (f != NULL && (f->flags & FIELD_PROGRAM ||
		    strcmp(key->text, "host") == 0) &&
		    !(strcmp(key->text, "host") == 0 &&
		    layers_captures_path(node)))
			misplaced(n, key, body, shape);
	}
}

/* ---- hosts */

struct host_search {
	const struct names *n;
	struct mark mark;
	void (*fn)(const struct host *h, void *ctx);
	void *ctx;
};

static void
host_word(const char *word, void *ctx)
{
	struct host_search *s = ctx;
	const struct host *h = book_host(s->n->c->book, word);

	if (h != NULL) {
		if (s->fn != NULL)
			s->fn(h, s->ctx);
		return;
	}
	errs_add(s->n->c->errs, s->mark, "this can become '%s': there is no "
	    "such host", word);
	hint_near_key(s->n->c->errs, word, s->n->c->book->index->hosts);
}

bool
body_hosts(const struct names *n, const struct body *body,
    void (*fn)(const struct host *h, void *ctx), void *ctx)
{
	struct host_search s = { n, { 0 }, fn, ctx };

	if (body->host != NULL && fn != NULL)
		fn(body->host, ctx);
	if (body->host_text == NULL || text_is_literal(body->host_text))
		return true;
	s.mark = text_mark(body->host_text);
	return text_outcomes(body->host_text, n->inputs,
	    n->file == NULL ? &n->c->book->params : NULL, host_word, &s);
}

static void
check_host(const struct names *n, const struct body *body)
{
	if (body_hosts(n, body, NULL, NULL))
		return;
	errs_add(n->c->errs, text_mark(body->host_text), "which host this is "
	    "cannot be said before it runs");
	errs_hint(n->c->errs, "name one, choose by ${{ if(c, 'a', 'b') }}, or "
	    "take an input of `type: enum` with the hosts as its words");
}

/* ---- input */

static void
check_word(const struct names *n, const char *word, struct mark mark,
    struct mark or_here)
{
	if (word == NULL || lint_ok_comment(mark) || lint_ok_comment(or_here))
		return;
	errs_add(n->c->errs, mark, "`%s` destroys something, and this does "
	    "not say `effect: destroys`", word);
	errs_hint(n->c->errs, "say so, or write \"# lint: ok\" and the reason "
	    "at the end of this line");
}

static void
input_words(const struct names *n, const struct node *node,
    const struct input *in)
{
	const struct node *written = node_get(node, "stdin");
	size_t at = 0, i;
	const char *word;
	unsigned line = 1;

	if (in->text != NULL) {
		word = destroying_word_from(in->text->node->text,
		    in->text->node->len, &at);
		check_word(n, word, node_mark_at(in->text->node, at),
		    written->mark);
		return;
	}
	word = destroying_word_from(in->bytes, in->len, &at);
	if (word == NULL || lint_ok_comment(written->mark))
		return;
	for (i = 0; i < at; i++)
		line += in->bytes[i] == '\n';
	errs_add(n->c->errs, written->mark, "line %u of %s: `%s` destroys "
	    "something, and this does not say `effect: destroys`", line,
	    in->file, word);
	errs_hint(n->c->errs, "say so, or write \"# lint: ok\" and the reason "
	    "at the end of the line with `stdin`");
}

/* A program that runs what it reads gets no value as part of that. */
static void
input_code(const struct names *n, const struct body *body)
{
	const struct text *t = body->input.text;
	const struct text_or_list *c;
	size_t i;

	if (t == NULL || text_is_literal(t) ||
	    body->kind->value.type != &field_text_or_list)
		return;
	c = (const void *)((const char *)body->spec +
	    body->kind->value.offset);
	if (c->text != NULL || !argv_reads_code(c->list, c->n))
		return;
	for (i = 0; t->parts[i].expr == NULL; i++)
		;
	errs_add(n->c->errs, expr_mark(t->parts[i].expr), "a value would "
	    "become code: the program runs what it reads from `stdin`");
	errs_hint(n->c->errs, "hand it over as an argument or by `env`");
}

/* ---- the whole */

void
check_body(const struct names *n, const struct shape *shape,
    const struct node *node, const struct body *body, enum effect effect)
{
	check_keys(n, shape, node, body);
	check_host(n, body);
	if (body->kind == NULL)
		return;
	n->c->kinds->check(body->kind, body->spec, body, effect, n->c->errs);
	if (!body->input.set)
		return;
	if (effect != EFFECT_DESTROYS)
		input_words(n, node, &body->input);
	input_code(n, body);
}
