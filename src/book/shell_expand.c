/* Expansions: `…`, $(…), $((…)), ${…} and what else begins with "$". */
#include "book/shell_private.h"

#include <ctype.h>
#include <string.h>

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
static const struct refusal refusal_body_pattern = {
	"a value cannot be a pattern in the text of a here-document: dash "
	"reads its backslashes",
	"cut it off before: v=${v#…}",
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

void sh_backquotes(struct lexer *lx, bool quoted)
{
	size_t start = lx->scratch.len, from = lx->seen, at = 0;
	bool bad;

	if (!find_backquote(lx, quoted, &at, &bad))
		sh_unsure(lx, "a backquote is not closed", NULL);
	else if (memchr(lx->in + lx->pos, EXPR, at - lx->pos))
		backquotes_with_value(lx, at, bad);
	else
		sh_copy(lx, at + 1 - lx->pos);
	sh_add_expansion(lx, start, from);
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
		sh_quoted_part(lx);
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
		sh_quoted_part(lx);
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
		sh_double_quotes(lx);
	} else {
		if (has_escaped_quote(lx))
			sh_unsure(lx, "\\' inside $'…'",
			    "use printf, or plain quotes");
		sh_single_quotes(lx);
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

/* The name inside ${…}, with the "#" or "!" before it. */
static void brace_name(struct lexer *lx)
{
	int c = sh_peek(lx, 0), next = sh_peek(lx, 1);

	if ((c == '#' || c == '!') && (sh_is_name_char(next) ||
	    next == EXPR || next == '@' || next == '*'))
		sh_copy(lx, 1);
	sh_joins(lx);
	c = sh_peek(lx, 0);
	if (sh_is_name_char(c))
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

static void inner_quotes(struct lexer *lx)
{
	const struct refusal *outer = lx->forbid;

	if (!outer)
		lx->forbid = &refusal_nested_quotes;
	sh_double_quotes(lx);
	lx->forbid = outer;
}

/* Inside "${x…}": shells do not agree about quotes in it. */
static void quoted_brace_part(struct lexer *lx, enum operator op)
{
	int c = sh_peek(lx, 0);

	if (c == EXPR && op == OPERATOR_PATTERN && lx->in_body)
		sh_refuse(lx, &refusal_body_pattern);
	else if (c == EXPR && op == OPERATOR_PATTERN)
		sh_value(lx, BARE);
	else if (c == '\'')
		sh_unsure(lx, "a single quote inside \"${…}\"",
		    "put the text into a variable first");
	else if (c == '"')
		inner_quotes(lx);
	else
		sh_quoted_part(lx);
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
			sh_bare_part(lx);
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

void sh_dollar(struct lexer *lx, enum quoting quoting)
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
	sh_add_expansion(lx, start, from);
}
