/* Every function begins at the character that its name says, and ends behind
 * the last one that belongs to it, or at lx->end. */
#include "book/shell_private.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "yaml/node.h"

#define DEPTH_MAX 64

static const struct refusal refusal_backslash = {
	"a value cannot stand directly behind a backslash",
	"leave the backslash out: a value is never code and needs no escaping",
};
int sh_peek(const struct lexer *lx, size_t k)
{
	if (lx->stopped || lx->end - lx->pos <= k)
		return END;
	return (unsigned char)lx->in[lx->pos + k];
}

void sh_copy(struct lexer *lx, size_t n)
{
	if (n > lx->end - lx->pos)
		n = lx->end - lx->pos;
	if (lx->stopped)
		return;
	buf_add(&lx->out, lx->in + lx->pos, n);
	lx->pos += n;
}

void sh_add(struct lexer *lx)
{
	if (sh_peek(lx, 0) == END)
		return;
	buf_addc(&lx->scratch, lx->in[lx->pos]);
	sh_copy(lx, 1);
}

void sh_blanks(struct lexer *lx)
{
	for (;;) {
		if (sh_peek(lx, 0) == ' ' || sh_peek(lx, 0) == '\t')
			sh_copy(lx, 1);
		else if (sh_peek(lx, 0) == '\\' && sh_peek(lx, 1) == '\n')
			sh_copy(lx, 2);
		else
			return;
	}
}

void sh_joins(struct lexer *lx)
{
	while (sh_peek(lx, 0) == '\\' && sh_peek(lx, 1) == '\n')
		lx->pos += 2;
}

/* Place in the scalar of a position in lx->in. */
static struct mark mark_at(const struct lexer *lx, size_t pos)
{
	const struct text *t = lx->text;
	size_t i, len;

	for (i = 0; i < t->n; i++) {
		len = t->parts[i].literal ? t->parts[i].len : 1;
		if (pos < len)
			return node_mark_at(t->node, t->parts[i].offset + pos);
		pos -= len;
	}
	return node_mark_at(t->node, t->node->len);
}

void sh_unsure(struct lexer *lx, const char *what, const char *hint)
{
	if (lx->stopped)
		return;
	errs_add(lx->exprs.errs, mark_at(lx, lx->pos), "%s: here it cannot be "
	    "told where a value would stand", what);
	if (hint)
		errs_hint(lx->exprs.errs, "%s", hint);
	lx->stopped = true;
}

bool sh_deeper(struct lexer *lx)
{
	if (++lx->depth > DEPTH_MAX)
		sh_unsure(lx, "more than 64 quotes and parentheses in each "
		    "other", "put the text into a script file");
	return !lx->stopped;
}

void sh_value(struct lexer *lx, enum quoting quoting)
{
	static const char *const around[][2] = {
		{ "\"$CAIRN_", "\"" },
		{ "${CAIRN_", "}" },
		{ "'\"${CAIRN_", "}\"'" },
	};

	lx->pos++;
	lx->seen++;
	buf_addc(&lx->scratch, WORD_VALUE);
	if (quoting == COMMENT)
		return;
	if (lx->forbid) {
		sh_refuse_range(&lx->exprs, lx->seen - 1, lx->seen, lx->forbid);
		return;
	}
	vec_push(&lx->values, lx->exprs.v[lx->seen - 1]);
	buf_addf(&lx->out, "%s%zu%s", around[quoting][0], lx->values.n,
	    around[quoting][1]);
}

void sh_refuse(struct lexer *lx, const struct refusal *why)
{
	const struct refusal *outer = lx->forbid;

	lx->forbid = why;
	sh_value(lx, BARE);
	lx->forbid = outer;
}

void sh_add_expansion(struct lexer *lx, size_t start, size_t from)
{
	buf_truncate(&lx->scratch, start);
	buf_addc(&lx->scratch, lx->seen > from ? WORD_VALUE : WORD_OTHER);
}

static void backslash(struct lexer *lx)
{
	sh_copy(lx, 1);
	if (sh_peek(lx, 0) == EXPR) {
		sh_refuse(lx, &refusal_backslash);
	} else if (sh_peek(lx, 0) == '\n') {
		sh_copy(lx, 1);
	} else {
		lx->quoted = true;
		sh_add(lx);
	}
}

void sh_single_quotes(struct lexer *lx)
{
	int c;

	lx->quoted = true;
	sh_copy(lx, 1);
	while ((c = sh_peek(lx, 0)) != '\'' && c != END) {
		if (c == EXPR)
			sh_value(lx, SINGLE);
		else
			sh_add(lx);
	}
	if (c == END)
		sh_unsure(lx, "a single quote is not closed", NULL);
	sh_copy(lx, 1);
}

/* A character inside double quotes, or of a text that is read like that. */
void sh_quoted_part(struct lexer *lx)
{
	switch (sh_peek(lx, 0)) {
	case '\\': backslash(lx); break;
	case '$': sh_dollar(lx, DOUBLE); break;
	case '`': sh_backquotes(lx, true); break;
	case EXPR: sh_value(lx, DOUBLE); break;
	default: sh_add(lx);
	}
}

void sh_double_quotes(struct lexer *lx)
{
	int c;

	lx->quoted = true;
	sh_copy(lx, 1);
	if (!sh_deeper(lx))
		return;
	while ((c = sh_peek(lx, 0)) != '"' && c != END)
		sh_quoted_part(lx);
	if (c == END)
		sh_unsure(lx, "a double quote is not closed", NULL);
	sh_copy(lx, 1);
	lx->depth--;
}

void sh_body(struct lexer *lx)
{
	size_t start = lx->scratch.len;

	lx->in_body = true;
	while (sh_peek(lx, 0) != END)
		sh_quoted_part(lx);
	lx->in_body = false;
	buf_truncate(&lx->scratch, start);
}

/* A part of a word that stands in no quotes. */
void sh_bare_part(struct lexer *lx)
{
	switch (sh_peek(lx, 0)) {
	case '\\': backslash(lx); break;
	case '\'': sh_single_quotes(lx); break;
	case '"': sh_double_quotes(lx); break;
	case '$': sh_dollar(lx, BARE); break;
	case '`': sh_backquotes(lx, false); break;
	case EXPR: sh_value(lx, BARE); break;
	default: sh_add(lx);
	}
}

bool sh_is_name_char(int c)
{
	return c > 0 && (isalnum(c) || c == '_');
}

bool sh_is_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!sh_is_name_char((unsigned char)s[i]))
			return false;
	}
	return n && !isdigit((unsigned char)s[0]);
}

/* Does the word so far read "name=" or "name+="? */
static bool is_assignment(const struct lexer *lx, size_t start)
{
	const char *s = lx->scratch.data + start;
	size_t n = lx->scratch.len - start;

	if (n < 2 || s[n - 1] != '=' || lx->quoted)
		return false;
	return sh_is_name(s, s[n - 2] == '+' ? n - 2 : n - 1);
}

static bool is_subscript(const struct lexer *lx, size_t start,
    enum word_kind kind)
{
	size_t n = lx->scratch.len - start;

	return (n == 0 && kind == WORD_ELEMENT) ||
	    sh_is_name(lx->scratch.data + start, n);
}

/* name=(…): words, not commands. */
static void array(struct lexer *lx)
{
	size_t start = lx->scratch.len, from = lx->seen;
	int c;

	sh_copy(lx, 1);
	if (!sh_deeper(lx))
		return;
	while ((c = sh_peek(lx, 0)) != ')' && c != END) {
		if (c > 0 && strchr(" \t\n", c))
			sh_copy(lx, 1);
		else if (c > 0 && strchr("#;&|<>(", c))
			sh_unsure(lx, "this character in a list in "
			    "parentheses", "quote it");
		else
			sh_word(lx, WORD_ELEMENT);
	}
	if (c == END)
		sh_unsure(lx, "\"(\" without \")\"", NULL);
	sh_copy(lx, 1);
	lx->depth--;
	sh_add_expansion(lx, start, from);
}

static bool word_ends(const struct lexer *lx, size_t start,
    enum word_kind kind)
{
	int c = sh_peek(lx, 0);

	if (c == END || c == ' ' || c == '\t' || c == '\n')
		return true;
	if (c == EXPR || !strchr(";&|<>()", c))
		return false;
	if (kind == WORD_CONDITION)
		return str_eq(lx->scratch.data + start, "]]");
	return c != '(' || !is_assignment(lx, start);
}

static void word_part(struct lexer *lx, size_t start, enum word_kind kind,
    const struct refusal *outer)
{
	int c = sh_peek(lx, 0);

	if (c == '[' && !outer && is_subscript(lx, start, kind))
		lx->forbid = &refusal_subscript;
	if (c == ']')
		lx->forbid = outer;
	if (c == '(' && kind != WORD_CONDITION)
		array(lx);
	else
		sh_bare_part(lx);
}

struct word sh_word(struct lexer *lx, enum word_kind kind)
{
	const struct refusal *outer = lx->forbid;
	size_t start = lx->scratch.len;
	bool quoted = lx->quoted;
	struct word w = { .from = lx->seen };

	lx->quoted = false;
	while (!word_ends(lx, start, kind))
		word_part(lx, start, kind, outer);
	w.len = lx->scratch.len - start;
	w.text = arena_strndup(lx->arena, lx->scratch.data + start, w.len);
	w.quoted = lx->quoted;
	w.to = lx->seen;
	buf_truncate(&lx->scratch, start);
	lx->quoted = quoted;
	lx->forbid = outer;
	return w;
}
