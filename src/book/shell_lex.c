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
static const struct refusal refusal_dollar = {
	"a value cannot stand directly behind \"$\"",
	"write \\$ for a dollar sign; the value itself needs none",
};
static const struct refusal refusal_dollar_quote = {
	"a value cannot stand inside $'…' or $\"…\"",
	"end these quotes before it: $'…'\"${{ x }}\"",
};
static const struct refusal refusal_operator = {
	"a value cannot stand in this kind of ${…}",
	"compute it in the expression, or use ${x#…}, ${x%…} or ${x:-…}",
};
static const struct refusal refusal_nested_quotes = {
	"a value cannot stand in quotes inside \"${…}\"",
	"leave the inner quotes out: a value never falls apart into words",
};
const struct refusal refusal_arithmetic = {
	"a value cannot stand in arithmetic: bash runs code that is in it",
	"compute it in the expression: ${{ x + 1 }}",
};
const struct refusal refusal_subscript = {
	"a value cannot stand in a subscript: bash runs code that is in it",
	"use a script file; if this is a file name, quote it: \"a[${{ x }}]\"",
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

/* Replaces what was added to the word since `start` by one character. */
static void add_expansion(struct lexer *lx, size_t start, size_t from)
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

static void single_quotes(struct lexer *lx)
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

static void dollar(struct lexer *lx, enum quoting quoting);
static void backquotes(struct lexer *lx, bool quoted);

/* A character inside double quotes, or of a text that is read like that. */
static void quoted_part(struct lexer *lx)
{
	switch (sh_peek(lx, 0)) {
	case '\\': backslash(lx); break;
	case '$': dollar(lx, DOUBLE); break;
	case '`': backquotes(lx, true); break;
	case EXPR: sh_value(lx, DOUBLE); break;
	default: sh_add(lx);
	}
}

static void double_quotes(struct lexer *lx)
{
	int c;

	lx->quoted = true;
	sh_copy(lx, 1);
	if (!sh_deeper(lx))
		return;
	while ((c = sh_peek(lx, 0)) != '"' && c != END)
		quoted_part(lx);
	if (c == END)
		sh_unsure(lx, "a double quote is not closed", NULL);
	sh_copy(lx, 1);
	lx->depth--;
}

void sh_body(struct lexer *lx)
{
	size_t start = lx->scratch.len;

	while (sh_peek(lx, 0) != END)
		quoted_part(lx);
	buf_truncate(&lx->scratch, start);
}

/* Is the end of a `…` at this position of lx->in found? `bad`: behind a
 * backslash stands something that the shell reads twice. */
static bool find_backquote(const struct lexer *lx, bool quoted, size_t *at,
    bool *bad)
{
	const char *twice = quoted ? "\\`$\"" : "\\`$";
	size_t i;

	*bad = false;
	for (i = lx->pos + 1; i < lx->end; i++) {
		if (lx->in[i] == '`') {
			*at = i;
			return true;
		}
		if (lx->in[i] == '\\' && ++i < lx->end && lx->in[i])
			*bad |= strchr(twice, lx->in[i]) != NULL;
	}
	return false;
}

static void backquotes_with_value(struct lexer *lx, size_t at, bool bad)
{
	size_t end = lx->end;

	if (bad)
		sh_unsure(lx, "a backslash inside `…`", "write $(…)");
	sh_copy(lx, 1);
	lx->end = at;
	sh_stream(lx, ENDED_TEXT);
	lx->end = end;
	sh_copy(lx, 1);
}

static void backquotes(struct lexer *lx, bool quoted)
{
	size_t start = lx->scratch.len, from = lx->seen, at = 0;
	bool bad;

	if (!find_backquote(lx, quoted, &at, &bad))
		sh_unsure(lx, "a backquote is not closed", NULL);
	else if (memchr(lx->in + lx->pos, EXPR, at - lx->pos))
		backquotes_with_value(lx, at, bad);
	else
		sh_copy(lx, at + 1 - lx->pos);
	add_expansion(lx, start, from);
}

void sh_arithmetic(struct lexer *lx)
{
	const struct refusal *outer = lx->forbid;
	size_t open = 2;
	int c;

	lx->forbid = &refusal_arithmetic;
	while (open > 1 && (c = sh_peek(lx, 0)) != END) {
		if (c == '(')
			open++;
		if (c == ')')
			open--;
		quoted_part(lx);
	}
	sh_joins(lx);
	if (sh_peek(lx, 0) != ')')
		sh_unsure(lx, "\"((\" without \"))\"",
		    "for commands in parentheses write \"( (\"");
	sh_copy(lx, 1);
	lx->forbid = outer;
}

/* The […] of ${name[…]}. */
static void subscript(struct lexer *lx)
{
	const struct refusal *outer = lx->forbid;
	size_t open = 0;
	int c;

	lx->forbid = &refusal_subscript;
	do {
		c = sh_peek(lx, 0);
		if (c == '[')
			open++;
		if (c == ']')
			open--;
		quoted_part(lx);
	} while (open && c != END);
	if (c == END)
		sh_unsure(lx, "\"[\" without \"]\"", NULL);
	lx->forbid = outer;
}

/* $'…' of bash goes on behind \', '…' of dash ends there. */
static bool has_escaped_quote(const struct lexer *lx)
{
	size_t i;
	int c;

	for (i = 1; (c = sh_peek(lx, i)) != '\'' && c != END; i++) {
		if (c == '\\' && sh_peek(lx, ++i) == '\'')
			return true;
	}
	return false;
}

static void dollar_quotes(struct lexer *lx)
{
	const struct refusal *outer = lx->forbid;

	lx->forbid = &refusal_dollar_quote;
	if (sh_peek(lx, 0) == '"') {
		double_quotes(lx);
	} else {
		if (has_escaped_quote(lx))
			sh_unsure(lx, "\\' inside $'…'",
			    "use printf, or plain quotes");
		single_quotes(lx);
	}
	lx->forbid = outer;
}

static void copy_name(struct lexer *lx)
{
	while (isalnum(sh_peek(lx, 0)) || sh_peek(lx, 0) == '_')
		sh_copy(lx, 1);
}

static bool is_special(int c)
{
	return c > 0 && strchr("@*#?-$!", c);
}

static bool is_name_char(int c)
{
	return c > 0 && (isalnum(c) || c == '_');
}

/* The name inside ${…}, with the "#" or "!" before it. */
static void brace_name(struct lexer *lx)
{
	int c = sh_peek(lx, 0), next = sh_peek(lx, 1);

	if ((c == '#' || c == '!') &&
	    (is_name_char(next) || next == EXPR || next == '@' || next == '*'))
		sh_copy(lx, 1);
	sh_joins(lx);
	c = sh_peek(lx, 0);
	if (is_name_char(c))
		copy_name(lx);
	else if (is_special(c))
		sh_copy(lx, 1);
	else if (c != EXPR)
		sh_unsure(lx, "\"${\" without a name", NULL);
	sh_joins(lx);
	if (sh_peek(lx, 0) == EXPR)
		sh_refuse(lx, &refusal_name);
	if (sh_peek(lx, 0) == '[')
		subscript(lx);
	sh_joins(lx);
}

enum operator { OPERATOR_VALUE, OPERATOR_PATTERN, OPERATOR_OTHER };

static enum operator brace_operator(struct lexer *lx)
{
	int c = sh_peek(lx, 0);

	if (c == ':') {
		sh_copy(lx, 1);
		sh_joins(lx);
		c = sh_peek(lx, 0);
		if (c <= 0 || !strchr("-=?+", c))
			return OPERATOR_OTHER;
	}
	if (c > 0 && strchr("-=?+", c)) {
		sh_copy(lx, 1);
		return OPERATOR_VALUE;
	}
	if (c != '#' && c != '%')
		return OPERATOR_OTHER;
	sh_copy(lx, 1);
	sh_joins(lx);
	if (sh_peek(lx, 0) == c)
		sh_copy(lx, 1);
	return OPERATOR_PATTERN;
}

static void bare_part(struct lexer *lx);

static void inner_quotes(struct lexer *lx)
{
	const struct refusal *outer = lx->forbid;

	if (!outer)
		lx->forbid = &refusal_nested_quotes;
	double_quotes(lx);
	lx->forbid = outer;
}

/* Inside "${x…}": shells do not agree about quotes in it. */
static void quoted_brace_part(struct lexer *lx, enum operator op)
{
	int c = sh_peek(lx, 0);

	if (c == EXPR && op == OPERATOR_PATTERN)
		sh_value(lx, BARE);
	else if (c == '\'')
		sh_unsure(lx, "a single quote inside \"${…}\"",
		    "put the text into a variable first");
	else if (c == '"')
		inner_quotes(lx);
	else
		quoted_part(lx);
}

static void brace_word(struct lexer *lx, bool quoted, enum operator op)
{
	const struct refusal *outer = lx->forbid;
	int c;

	if (op == OPERATOR_OTHER && !outer)
		lx->forbid = &refusal_operator;
	while ((c = sh_peek(lx, 0)) != '}' && c != END) {
		if (quoted)
			quoted_brace_part(lx, op);
		else
			bare_part(lx);
	}
	if (c == END)
		sh_unsure(lx, "\"${\" without \"}\"", NULL);
	lx->forbid = outer;
}

static void brace(struct lexer *lx, bool quoted)
{
	sh_copy(lx, 1);
	sh_joins(lx);
	if (!sh_deeper(lx))
		return;
	brace_name(lx);
	if (sh_peek(lx, 0) != '}')
		brace_word(lx, quoted, brace_operator(lx));
	sh_copy(lx, 1);
	lx->depth--;
}

static void parenthesis(struct lexer *lx)
{
	sh_copy(lx, 1);
	sh_joins(lx);
	if (sh_peek(lx, 0) != '(') {
		sh_stream(lx, ENDED_PAREN);
		return;
	}
	sh_copy(lx, 1);
	if (sh_deeper(lx))
		sh_arithmetic(lx);
	lx->depth--;
}

static void dollar(struct lexer *lx, enum quoting quoting)
{
	size_t start = lx->scratch.len, from = lx->seen;
	int c;

	sh_copy(lx, 1);
	sh_joins(lx);
	c = sh_peek(lx, 0);
	if (c == EXPR)
		sh_refuse(lx, &refusal_dollar);
	else if (c == '(')
		parenthesis(lx);
	else if (c == '{')
		brace(lx, quoting == DOUBLE);
	else if (c == '[')
		sh_unsure(lx, "\"$[\" is arithmetic in some shells only",
		    "write $((…)), or \\$ for a dollar sign");
	else if (quoting == BARE && (c == '\'' || c == '"'))
		dollar_quotes(lx);
	else if (isdigit(c) || is_special(c))
		sh_copy(lx, 1);
	else
		copy_name(lx);
	add_expansion(lx, start, from);
}

/* A part of a word that stands in no quotes. */
static void bare_part(struct lexer *lx)
{
	switch (sh_peek(lx, 0)) {
	case '\\': backslash(lx); break;
	case '\'': single_quotes(lx); break;
	case '"': double_quotes(lx); break;
	case '$': dollar(lx, BARE); break;
	case '`': backquotes(lx, false); break;
	case EXPR: sh_value(lx, BARE); break;
	default: sh_add(lx);
	}
}

bool sh_is_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!is_name_char((unsigned char)s[i]))
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
	add_expansion(lx, start, from);
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
		bare_part(lx);
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
