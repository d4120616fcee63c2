#include "book/shell.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "book/shell_private.h"
#include "yaml/node.h"

/* The elements as words, for the table of second interpreters. One block of
 * memory, which begins with the words: lint makes one for every list. */
struct elements {
	struct word *words;
	struct expr **exprs;
};

static void add_element(struct elements *e, const struct text *t, size_t i,
    size_t *exprs, char **p)
{
	struct word *w = &e->words[i];
	size_t k;

	w->text = *p;
	w->from = *exprs;
	for (k = 0; k < t->n; k++) {
		if (t->parts[k].literal) {
			memcpy(*p, t->parts[k].literal, t->parts[k].len);
			*p += t->parts[k].len;
		} else {
			e->exprs[(*exprs)++] = t->parts[k].expr;
			*(*p)++ = WORD_VALUE;
		}
	}
	w->to = *exprs;
	w->len = (size_t)(*p - w->text);
	*(*p)++ = '\0';
}

static struct elements elements_of(struct text *const *list, size_t n)
{
	size_t bytes = 0, parts = 0, exprs = 0, i, k;
	struct elements e;
	char *p;

	for (i = 0; i < n; i++) {
		parts += list[i]->n;
		for (k = 0; k < list[i]->n; k++)
			bytes += list[i]->parts[k].literal ?
			    list[i]->parts[k].len : 1;
	}
	e.words = xcalloc(1, (n + 1) * sizeof *e.words +
	    (parts + 1) * sizeof *e.exprs + bytes + n + 1);
	e.exprs = (struct expr **)(e.words + n + 1);
	p = (char *)(e.exprs + parts + 1);
	for (i = 0; i < n; i++)
		add_element(&e, list[i], i, &exprs, &p);
	return e;
}

void argv_check(struct text *const *elements, size_t n, struct errs *errs)
{
	struct elements e = elements_of(elements, n);
	struct exprs x = { e.exprs, errs };

	interpreters_check(e.words, n, &x);
	free(e.words);
}

bool argv_reads_code(struct text *const *elements, size_t n)
{
	struct elements e = elements_of(elements, n);
	bool result = interpreters_input(e.words, n) != NULL;

	free(e.words);
	return result;
}

const char *destroying_word_argv(struct text *const *elements, size_t n)
{
	struct buf line = BUF_INIT(SIZE_MAX);
	const char *word;
	size_t i, k;

	for (i = 0; i < n; i++) {
		buf_addc(&line, ' ');
		for (k = 0; k < elements[i]->n; k++) {
			if (elements[i]->parts[k].literal)
				buf_add(&line, elements[i]->parts[k].literal,
				    elements[i]->parts[k].len);
			else
				buf_addc(&line, WORD_OTHER);
		}
	}
	word = destroying_word(line.data, line.len);
	buf_free(&line);
	return word;
}

/* The list under construction. */
struct argv {
	struct value_list list;
	struct arena *arena;
	bool dashes;              /* behind "--" of the program itself */
};

static int refuse_dash(struct mark mark, const char *what, struct err *err)
{
	err_at(err, mark, "%s begins with \"-\": the program would take it as "
	    "an option", what);
	return err_hint(err, "put \"--\" before it, or write opt(…) if it is "
	    "meant as an option");
}

static int check_string(struct value v, struct mark mark, struct err *err)
{
	if (value_is_secret(v)) {
		err_at(err, mark, "a secret cannot stand in an argument: every "
		    "user of the machine can read it there");
		return err_hint(err, "hand it over by stdin: or env:");
	}
	if (v.type == VALUE_STRING &&
	    memchr(v.u.string.p, '\0', v.u.string.n))
		return err_at(err, mark,
		    "an argument cannot hold a NUL byte");
	return 0;
}

static bool may_begin_with_dash(struct value v)
{
	return v.flags & (VALUE_OPT | VALUE_LITERAL);
}

/* A scalar as one argument. */
static int add_scalar(struct argv *l, struct value v, struct mark mark,
    struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_EXPR_RESULT);

	if (v.type == VALUE_NULL)
		return 0;
	if (check_string(v, mark, err) == -1)
		return -1;
	if (value_text(&text, v, err) == -1) {
		buf_free(&text);
		return err_place(err, mark);
	}
	if (text.data[0] == '-' && !l->dashes && !may_begin_with_dash(v)) {
		buf_free(&text);
		return refuse_dash(mark, "this value", err);
	}
	value_list_add(&l->list, value_string(l->arena, text.data, text.len));
	buf_free(&text);
	return 0;
}

static int add_items(struct argv *l, struct value v, struct mark mark,
    struct err *err)
{
	struct value item;
	size_t i;

	for (i = 0; i < v.u.list.n; i++) {
		item = v.u.list.items[i];
		item.flags |= v.flags & VALUE_OPT;
		if (add_scalar(l, item, mark, err) == -1)
			return -1;
	}
	return 0;
}

static int add_expr(struct argv *l, const struct expr *e,
    const struct scope *scope, struct err *err)
{
	struct value v;

	if (expr_eval(e, scope, l->arena, &v, err) == -1)
		return -1;
	if (v.type == VALUE_LIST && !value_is_secret(v))
		return add_items(l, v, expr_mark(e), err);
	return add_scalar(l, v, expr_mark(e), err);
}

/* Appends one part; *first says whether it brought the first byte. */
static int add_part(struct buf *out, const struct text_part *part,
    const struct argv *l, const struct scope *scope, bool *dash,
    struct err *err)
{
	bool first = out->len == 0;
	struct value v;

	if (part->literal) {
		buf_add(out, part->literal, part->len);
		return 0;
	}
	if (expr_eval(part->expr, scope, l->arena, &v, err) == -1)
		return -1;
	if (check_string(v, expr_mark(part->expr), err) == -1)
		return -1;
	if (value_text(out, v, err) == -1)
		return err_place(err, expr_mark(part->expr));
	if (first && out->len)
		*dash = may_begin_with_dash(v);
	return 0;
}

static bool begins_with_literal(const struct text *t)
{
	return t->n == 0 || (t->parts[0].literal && t->parts[0].len);
}

/* Text with expressions, or without any: one argument. */
static int add_text(struct argv *l, const struct text *t,
    const struct scope *scope, struct err *err)
{
	struct buf out = BUF_INIT(LIMIT_EXPR_RESULT);
	bool dash = begins_with_literal(t);
	int result = 0;
	size_t i;

	for (i = 0; i < t->n && result == 0; i++)
		result = add_part(&out, &t->parts[i], l, scope, &dash, err);
	if (result == 0 && memchr(out.data, '\0', out.len))
		result = err_at(err, t->node->mark,
		    "an argument cannot hold a NUL byte");
	if (result == 0 && out.data[0] == '-' && !dash && !l->dashes)
		result = refuse_dash(t->node->mark, "this argument", err);
	if (result == 0)
		value_list_add(&l->list,
		    value_string(l->arena, out.data, out.len));
	buf_free(&out);
	return result;
}

static bool is_dashes(const struct text *t)
{
	return t->n == 1 && t->parts[0].literal && t->parts[0].len == 2 &&
	    memcmp(t->parts[0].literal, "--", 2) == 0;
}

/* "sudo -- rm X": these dashes are sudo's, they do not help rm. */
static size_t program_index(struct text *const *elements, size_t n)
{
	struct elements e = elements_of(elements, n);
	size_t at = interpreters_program(e.words, n);

	free(e.words);
	return at;
}

int argv_eval(struct text *const *elements, size_t n,
    const struct scope *scope, struct arena *a, struct value *list,
    struct err *err)
{
	struct argv l = { .list = { .arena = a }, .arena = a };
	size_t program = program_index(elements, n), i;
	const struct text *t;
	int result;

	for (i = 0; i < n; i++) {
		t = elements[i];
		if (t->n == 1 && !t->parts[0].literal)
			result = add_expr(&l, t->parts[0].expr, scope, err);
		else
			result = add_text(&l, t, scope, err);
		if (result == -1)
			return -1;
		l.dashes |= i > program && is_dashes(t);
	}
	if (l.list.n == 0)
		return n ? err_at(err, elements[0]->node->mark,
		    "nothing is left of this list: all its values are null "
		    "or empty lists") : err_set(err, "an empty list");
	*list = value_list_done(&l.list);
	return 0;
}
