#include "book/shell.h"

#include <string.h>

#include "base/arena.h"
#include "base/escape.h"
#include "base/limits.h"
#include "book/shell_private.h"
#include "yaml/node.h"

#define REFERENCE_MAX 40        /* '"${CAIRN_18446744073709551615}"' */

void sh_refuse_range(const struct exprs *x, size_t from, size_t to,
    const struct refusal *why)
{
	for (; from < to; from++) {
		errs_add(x->errs, expr_mark(x->v[from]), "%s", why->text);
		errs_hint(x->errs, "%s", why->hint);
	}
}

static char *put_literal(char *p, const struct text_part *part,
    const struct text *t, struct errs *errs)
{
	const char *nul = memchr(part->literal, '\0', part->len);

	if (nul)
		errs_add(errs, node_mark_at(t->node, part->offset +
		    (size_t)(nul - part->literal)),
		    "shell text cannot hold a NUL byte");
	memcpy(p, part->literal, part->len);
	return p + part->len;
}

static size_t count_exprs(const struct text *t)
{
	size_t n = 0, i;

	for (i = 0; i < t->n; i++)
		n += !t->parts[i].literal;
	return n;
}

/* Puts one character in place of every expression. */
static void flatten(struct lexer *lx, const struct text *t, size_t n)
{
	struct expr **exprs = arena_array(lx->arena, n + 1, sizeof *exprs);
	size_t len = 0, i, k = 0;
	char *in, *p;

	for (i = 0; i < t->n; i++)
		len += t->parts[i].literal ? t->parts[i].len : 1;
	p = in = arena_alloc(lx->arena, len + 1);
	for (i = 0; i < t->n; i++) {
		if (t->parts[i].literal) {
			p = put_literal(p, &t->parts[i], t, lx->exprs.errs);
		} else {
			exprs[k++] = t->parts[i].expr;
			*p++ = EXPR;
		}
	}
	lx->exprs.v = exprs;
	lx->in = in;
	lx->end = len;
	buf_init(&lx->out, len + n * REFERENCE_MAX);
	buf_init(&lx->scratch, len + n);
}

static void lexer_free(struct lexer *lx)
{
	buf_free(&lx->out);
	buf_free(&lx->scratch);
	vec_free(&lx->values);
	vec_free(&lx->pending);
}

static void lex_text(struct lexer *lx)
{
	while (sh_peek(lx, 0) != END)
		sh_commands(lx, ENDED_TEXT);
	if (!lx->stopped && lx->pending.n)
		sh_unsure(lx, "a here-document without text", NULL);
}

int shell_compile(struct arena *arena, const struct text *t,
    struct shell_text *out, struct errs *errs)
{
	struct lexer lx = { .arena = arena, .text = t };
	size_t before = errs->list.n, n = count_exprs(t);

	lx.exprs.errs = errs;
	flatten(&lx, t, n);
	if (n && errs->list.n == before)
		lex_text(&lx);
	else
		sh_copy(&lx, lx.end);
	if (lx.out.cut)
		BUG("shell text became longer than foreseen");
	if (errs->list.n == before) {
		out->script = arena_strndup(arena, lx.out.data, lx.out.len);
		out->len = lx.out.len;
		out->n = lx.values.n;
		out->values = arena_memdup(arena, lx.values.v,
		    lx.values.n * sizeof *lx.values.v);
	}
	lexer_free(&lx);
	return errs->list.n == before ? 0 : -1;
}

static int check_value(struct value v, struct err *err)
{
	if (value_is_secret(v)) {
		err_set(err, "a secret cannot stand in shell text");
		return err_hint(err, "hand it over by stdin: or env:");
	}
	if (v.type == VALUE_STRING &&
	    memchr(v.u.string.p, '\0', v.u.string.n))
		return err_set(err, "a value with a NUL byte cannot stand "
		    "in shell text");
	return 0;
}

static int assign(struct buf *out, size_t number, const struct expr *e,
    const struct scope *scope, struct arena *a, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_EXPR_RESULT);
	struct value v;

	if (expr_eval(e, scope, a, &v, err) == -1)
		return -1;
	if (check_value(v, err) == -1 || value_text(&text, v, err) == -1) {
		buf_free(&text);
		return err_place(err, expr_mark(e));
	}
	buf_addf(out, "CAIRN_%zu=", number);
	quote_shell(out, text.data, text.len);
	buf_addc(out, '\n');
	if (text.cut)
		out->cut = true;
	buf_free(&text);
	return 0;
}

int shell_script(const struct shell_text *s, const struct scope *scope,
    struct arena *a, struct value *script, struct err *err)
{
	struct buf out = BUF_INIT(LIMIT_EXPR_RESULT);
	int result = -1;
	size_t i;

	/* A variable that came in with the environment would stay exported. */
	for (i = 0; i < s->n; i++)
		buf_addf(&out, "%s CAIRN_%zu%s", i ? "" : "unset", i + 1,
		    i + 1 == s->n ? "\n" : "");
	for (i = 0; i < s->n; i++) {
		if (assign(&out, i + 1, s->values[i], scope, a, err) == -1)
			goto out;
	}
	buf_adds(&out, "set -e\n");
	buf_add(&out, s->script, s->len);
	if (out.cut) {
		err_set(err, "the shell text with its values is larger than "
		    "%zu MiB", LIMIT_EXPR_RESULT / MIB);
		goto out;
	}
	*script = value_string(a, out.data, out.len);
	result = 0;
out:
	buf_free(&out);
	return result;
}
