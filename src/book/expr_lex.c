#include "book/expr_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "yaml/node.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_letter(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static struct token bad(struct lexer *l, size_t at, const char *text,
    const char *hint)
{
	err_at(l->err, node_mark_at(l->scalar, at), "%s", text);
	if (hint)
		err_hint(l->err, "%s", hint);
	return (struct token){ .type = TOKEN_BAD, .at = at };
}

static struct token token(struct lexer *l, enum token_type type, size_t len)
{
	struct token t = { .type = type, .at = l->at, .len = len };

	l->at += len;
	return t;
}

static struct token literal(struct lexer *l, size_t len, struct value v)
{
	struct token t = token(l, TOKEN_LITERAL, len);

	t.literal = v;
	t.literal.flags |= VALUE_LITERAL;
	return t;
}

static size_t digits(const struct lexer *l, size_t at)
{
	while (at < l->end && is_digit(l->s[at]))
		at++;
	return at;
}

static size_t letters_and_digits(const struct lexer *l, size_t at)
{
	while (at < l->end && (is_letter(l->s[at]) || is_digit(l->s[at])))
		at++;
	return at;
}

/* Behind a size unit at `at`, one blank before it allowed; 0: there is none.
 * Every unit has a capital letter, no name of the language has one. */
static size_t size_end(const struct lexer *l, size_t number_end)
{
	size_t at = number_end, end;
	int64_t bytes;

	if (at < l->end && l->s[at] == ' ')
		at++;
	end = letters_and_digits(l, at);
	if (end == at || parse_size(l->s + l->at, end - l->at, &bytes) < 0)
		return 0;
	return end;
}

static struct token number_with_unit(struct lexer *l, size_t end)
{
	const char *s = l->s + l->at;
	size_t n = end - l->at;
	nsec duration;

	if (parse_duration(s, n, &duration) == 0)
		return literal(l, n, value_of(VALUE_DURATION, duration));
	return bad(l, l->at, "this is neither a number, nor a duration, nor a "
	    "size", "durations: 90s 1h30m 14d 300ms; sizes: 20 GiB, 5 MB");
}

static struct token lex_number(struct lexer *l)
{
	size_t end = digits(l, l->at), n, size;
	const char *s = l->s + l->at;
	bool is_real = false;
	int64_t integer;
	double real;

	if (end + 1 < l->end && l->s[end] == '.' && is_digit(l->s[end + 1])) {
		is_real = true;
		end = digits(l, end + 1);
	}
	n = end - l->at;
	size = size_end(l, end);
	if (size && parse_size(s, size - l->at, &integer) == 0)
		return literal(l, size - l->at, value_of(VALUE_SIZE, integer));
	if (end < l->end && (is_letter(l->s[end]) || l->s[end] == '_'))
		return number_with_unit(l, letters_and_digits(l, end));
	if (is_real && parse_real(s, n, &real) == 0)
		return literal(l, n, value_real(real));
	if (!is_real && parse_int(s, n, &integer) == 0)
		return literal(l, n, value_int(integer));
	if (n > 1 && s[0] == '0' && is_digit(s[1]))
		return bad(l, l->at, "a number does not begin with 0",
		    "leave the zero out, or put text in quotes");
	return bad(l, l->at, "this number is too large", NULL);
}

/* A doubled quote stands for itself. */
static const char *unquote(struct lexer *l, const char *s, size_t n,
    char quote, size_t *len)
{
	char *copy = arena_strndup(l->arena, s, n), *to = copy;
	size_t i;

	for (i = 0; i < n; i++) {
		*to++ = s[i];
		i += s[i] == quote;
	}
	*to = '\0';
	*len = (size_t)(to - copy);
	return copy;
}

static struct token lex_string(struct lexer *l)
{
	char quote = l->s[l->at];
	size_t from = l->at + 1, at = from, len;
	const char *end, *text;
	struct value v = { .type = VALUE_STRING };

	for (;; at++) {
		end = memchr(l->s + at, quote, l->end - at);
		if (!end)
			return bad(l, l->at, "this string has no end",
			    "was the rest cut off by YAML? Put the whole "
			    "expression in quotes");
		at = (size_t)(end - l->s) + 1;
		if (at == l->end || l->s[at] != quote)
			break;
	}
	text = unquote(l, l->s + from, at - 1 - from, quote, &len);
	if (memchr(text, '\0', len))
		return bad(l, l->at, "a string cannot hold a NUL byte", NULL);
	v.u.string.p = text;
	v.u.string.n = len;
	return literal(l, at - l->at, v);
}

static struct token lex_name(struct lexer *l)
{
	static const struct {
		const char *word;
		enum token_type type;
		enum value_type literal;
		bool boolean;
	} words[] = {
		{ "and", TOKEN_AND, 0, 0 }, { "or", TOKEN_OR, 0, 0 },
		{ "not", TOKEN_NOT, 0, 0 }, { "in", TOKEN_IN, 0, 0 },
		{ "true", TOKEN_LITERAL, VALUE_BOOL, true },
		{ "false", TOKEN_LITERAL, VALUE_BOOL, false },
		{ "null", TOKEN_LITERAL, VALUE_NULL, false },
	};
	size_t end = l->at, n, i;
	struct value v = { 0 };

	while (end < l->end && (is_lower(l->s[end]) || is_digit(l->s[end]) ||
	    l->s[end] == '_'))
		end++;
	n = end - l->at;
	if (end < l->end && is_letter(l->s[end]))
		return bad(l, end, "names have small letters only",
		    "the key of a map may have any: x['Key']");
	for (i = 0; i < sizeof words / sizeof *words; i++) {
		if (strlen(words[i].word) != n ||
		    memcmp(words[i].word, l->s + l->at, n) != 0)
			continue;
		if (words[i].type != TOKEN_LITERAL)
			return token(l, words[i].type, n);
		v.type = words[i].literal;
		v.u.boolean = words[i].boolean;
		return literal(l, n, v);
	}
	return token(l, TOKEN_NAME, n);
}

/* What people write who come from other languages. */
static struct token lex_stranger(struct lexer *l)
{
	static const struct { const char *text, *message, *hint; } rows[] = {
		{ "${{", "an expression stands inside an expression",
		  "leave ${{ and }} out: this is an expression already" },
		{ "{{", "an expression stands inside an expression",
		  "leave {{ and }} out: this is an expression already" },
		{ "&&", "'&&' is written 'and'", NULL },
		{ "||", "'||' is written 'or'", NULL },
		{ "!", "'!' is written 'not'", NULL },
		{ "=", "one '=' compares nothing", "write ==" },
		{ "?", "there is no '? :'", "write if(condition, a, b)" },
		{ "$", "'$' is no part of an expression",
		  "names stand bare: params.x, self.out" },
		{ "{", "maps cannot be written in an expression", NULL },
		{ "‘", "this is a typographic quote", "write '…'" },
		{ "’", "this is a typographic quote", "write '…'" },
		{ "“", "this is a typographic quote", "write \"…\"" },
		{ "”", "this is a typographic quote", "write \"…\"" },
		{ "\xc2\xa0", "this is a no-break space", "write a blank" },
	};
	size_t i, n, left = l->end - l->at;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		n = strlen(rows[i].text);
		if (n <= left && memcmp(rows[i].text, l->s + l->at, n) == 0)
			return bad(l, l->at, rows[i].message, rows[i].hint);
	}
	if (is_letter(l->s[l->at]) || l->s[l->at] == '_')
		return bad(l, l->at, "a name begins with a small letter",
		    "the key of a map may be anything: x['Key']");
	n = utf8_char_len(l->s + l->at, left);
	err_at(l->err, node_mark_at(l->scalar, l->at),
	    "'%.*s' is no part of an expression", (int)(n ? n : 1),
	    l->s + l->at);
	return (struct token){ .type = TOKEN_BAD, .at = l->at };
}

static struct token lex_sign(struct lexer *l)
{
	static const struct { char text[3]; enum token_type type; } signs[] = {
		{ "->", TOKEN_ARROW }, { "??", TOKEN_COALESCE },
		{ "==", TOKEN_EQ }, { "!=", TOKEN_NE }, { "<=", TOKEN_LE },
		{ ">=", TOKEN_GE }, { "<", TOKEN_LT }, { ">", TOKEN_GT },
		{ "(", TOKEN_OPEN }, { ")", TOKEN_CLOSE },
		{ "[", TOKEN_OPEN_LIST }, { "]", TOKEN_CLOSE_LIST },
		{ ",", TOKEN_COMMA }, { ".", TOKEN_DOT },
		{ "+", TOKEN_PLUS }, { "-", TOKEN_MINUS },
		{ "*", TOKEN_TIMES }, { "/", TOKEN_DIVIDE },
		{ "%", TOKEN_MODULO },
	};
	size_t i, n;

	for (i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (signs[i].text[0] != l->s[l->at])
			continue;
		n = signs[i].text[1] ? 2 : 1;
		if (n == 1 || (l->end - l->at > 1 &&
		    signs[i].text[1] == l->s[l->at + 1]))
			return token(l, signs[i].type, n);
	}
	return lex_stranger(l);
}

struct token lex_next(struct lexer *l)
{
	char c;

	while (l->at < l->end && is_blank(l->s[l->at]))
		l->at++;
	if (l->at == l->end)
		return (struct token){ .type = TOKEN_END, .at = l->end };
	c = l->s[l->at];
	if (is_lower(c))
		return lex_name(l);
	if (is_digit(c))
		return lex_number(l);
	if (c == '\'' || c == '"')
		return lex_string(l);
	return lex_sign(l);
}

bool lex_arrow_follows(const struct lexer *l)
{
	size_t at = l->at;

	while (at < l->end && is_blank(l->s[at]))
		at++;
	return l->end - at >= 2 && l->s[at] == '-' && l->s[at + 1] == '>';
}
