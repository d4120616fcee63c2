#include "yaml/trap.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/source.h"
#include "base/str.h"
#include "yaml/node.h"

#define HINT_MAX 200      /* bytes of a corrected line that is worth showing */

struct mark trap_mark(const struct source *source, yaml_mark_t mark)
{
	return (struct mark){ source, (unsigned)mark.line + 1,
		(unsigned)mark.column + 1 };
}

struct mark trap_mark_of_byte(const struct source *source, size_t offset)
{
	struct mark mark = { source, 1, 1 };
	size_t begin;

	while (mark.line < source->line_count &&
	    source->lines[mark.line] <= offset)
		mark.line++;
	begin = source->lines[mark.line - 1];
	if (offset > begin)
		mark.col += (unsigned)utf8_count(source->text + begin,
		    offset - begin);
	return mark;
}

/* A line of the book and a place in it, in bytes. */
struct spot {
	const char *s;
	size_t n;
	size_t at;            /* the place */
	size_t value;         /* where the value behind "- " and "key: " begins */
	size_t end;           /* behind the value, without a comment */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t skip_blanks(const char *s, size_t n, size_t at)
{
	while (at < n && is_blank(s[at]))
		at++;
	return at;
}

/* The byte behind the quoted text that begins at `at`, or 0. */
static size_t skip_quoted(const char *s, size_t n, size_t at)
{
	char quote = s[at];

	for (at++; at < n; at++) {
		if (quote == '"' && s[at] == '\\')
			at++;
		else if (s[at] == quote && quote == '\'' && at + 1 < n &&
		    s[at + 1] == quote)
			at++;
		else if (s[at] == quote)
			return at + 1;
	}
	return 0;
}

static bool is_colon(const char *s, size_t n, size_t at)
{
	return at < n && s[at] == ':' && (at + 1 == n || is_blank(s[at + 1]));
}

/* The colon of a key that begins at `at`, or n. */
static size_t find_colon(const char *s, size_t n, size_t at)
{
	if (at < n && (s[at] == '\'' || s[at] == '"')) {
		at = skip_quoted(s, n, at);
		return at && is_colon(s, n, at) ? at : n;
	}
	for (; at < n && !strchr("'\"[]{}=$#&*!", s[at]); at++) {
		if (is_colon(s, n, at))
			return at;
	}
	return n;
}

static size_t find_value(const char *s, size_t n)
{
	size_t at = skip_blanks(s, n, 0), colon;

	while (at + 1 < n && (s[at] == '-' || s[at] == '?') &&
	    is_blank(s[at + 1]))
		at = skip_blanks(s, n, at + 1);
	colon = find_colon(s, n, at);
	return colon < n ? skip_blanks(s, n, colon + 1) : at;
}

static size_t find_end(const char *s, size_t n, size_t value)
{
	size_t end = value;

	while (end < n && !(s[end] == '#' && end > value &&
	    is_blank(s[end - 1])))
		end++;
	while (end > value && is_blank(s[end - 1]))
		end--;
	return end;
}

static struct spot spot_of(struct mark mark)
{
	struct spot p = { 0 };

	p.s = source_line(mark.source, mark.line, &p.n);
	p.at = utf8_skip(p.s, p.n, mark.col - 1);
	p.value = find_value(p.s, p.n);
	p.end = find_end(p.s, p.n, p.value);
	return p;
}

static char char_at(const struct spot *p)
{
	return p->at < p->n ? p->s[p->at] : '\0';
}

/* The element of "[...]" or "{...}" that `at` stands in. */
static void find_element(const struct spot *p, size_t *from, size_t *to)
{
	size_t begin = p->at, end, depth = 0;

	while (begin > 0 && !strchr(",[{", p->s[begin - 1]) &&
	    !(begin > 1 && is_colon(p->s, p->n, begin - 2)))
		begin--;
	begin = skip_blanks(p->s, p->n, begin);
	for (end = begin; end < p->end; end++) {
		if (strchr("([{", p->s[end]))
			depth++;
		else if (depth == 0 && strchr(",]}", p->s[end]))
			break;
		else if (depth && strchr(")]}", p->s[end]))
			depth--;
	}
	while (end > begin && is_blank(p->s[end - 1]))
		end--;
	*from = begin;
	*to = end;
}

/* The value in those quotes that leave most of it as it is. */
static void add_quoted(struct buf *out, const char *s, size_t n)
{
	bool single = memchr(s, '\'', n);
	bool other = memchr(s, '"', n) || memchr(s, '\\', n);
	size_t i;

	if (single && !other) {
		buf_addc(out, '"');
		buf_add(out, s, n);
		buf_addc(out, '"');
		return;
	}
	buf_addc(out, '\'');
	for (i = 0; i < n; i++) {
		if (s[i] == '\'')
			buf_addc(out, '\'');
		buf_addc(out, s[i]);
	}
	buf_addc(out, '\'');
}

/* Shows the line with what stands between two double quotes in single ones. */
static void hint_single(struct errs *errs, const struct spot *p, size_t from,
    size_t to)
{
	struct buf line = BUF_INIT(4 * HINT_MAX);
	size_t begin = skip_blanks(p->s, p->n, 0);

	buf_add(&line, p->s + begin, from - 1 - begin);
	add_quoted(&line, p->s + from, to - from);
	buf_add(&line, p->s + to + 1, p->n - to - 1);
	errs_hint(errs, "in single quotes a backslash is a backslash: %s",
	    line.data);
	buf_free(&line);
}

/* Shows the line with the bytes from..to in quotes. */
static void hint_quotes(struct errs *errs, const struct spot *p, size_t from,
    size_t to)
{
	struct buf line = BUF_INIT(4 * HINT_MAX);
	size_t begin = skip_blanks(p->s, p->n, 0);

	if (p->n - begin > HINT_MAX || from < begin || to <= from) {
		errs_hint(errs, "put the whole value in quotes");
		return;
	}
	buf_add(&line, p->s + begin, from - begin);
	add_quoted(&line, p->s + from, to - from);
	buf_add(&line, p->s + to, p->n - to);
	errs_hint(errs, "put the whole value in quotes: %s", line.data);
	buf_free(&line);
}

static void hint_value(struct errs *errs, const struct spot *p)
{
	size_t from = p->value, to = p->end;

	if (p->value < p->n && p->at > p->value && strchr("[{", p->s[p->value]))
		find_element(p, &from, &to);
	hint_quotes(errs, p, from, to);
}

static const char *meaning_of(char c)
{
	switch (c) {
	case '!': return ": YAML reads a tag, and there are no tags here";
	case '*': return ": YAML reads an alias, and no anchor has this name";
	case '&': return ": YAML reads an anchor";
	case '>': return ": YAML reads a folded block";
	case '|': return ": YAML reads a literal block";
	case '\'': case '"': case '[': case '{':
		return " and go on behind the closing one";
	default: return ": YAML keeps it for itself";
	}
}

static void bad_start(struct errs *errs, struct mark mark, char c)
{
	const char *quote = c == '\'' ? "\"" : "'";

	errs_add(errs, mark, "a bare value cannot begin with %s%c%s%s", quote,
	    c, quote, meaning_of(c));
}

void trap_indicator(struct mark mark, struct errs *errs)
{
	struct spot p = spot_of(mark);

	bad_start(errs, mark, char_at(&p));
	hint_value(errs, &p);
}

void trap_flow_scalar(const struct node *scalar, struct errs *errs)
{
	size_t open = 0, close = 0, i, from, to;
	struct spot p;

	if (!memchr(scalar->text, '(', scalar->len))
		return;
	for (i = 0; i < scalar->len; i++) {
		open += scalar->text[i] == '(';
		close += scalar->text[i] == ')';
	}
	if (open <= close)
		return;
	p = spot_of(scalar->mark);
	errs_add(errs, scalar->mark, "a bare element of a list or map in "
	    "brackets ends at the comma: this one is '%s'", scalar->text);
	find_element(&p, &from, &to);
	hint_quotes(errs, &p, from, to);
}

void trap_key(const struct node *key, struct errs *errs)
{
	struct spot p = spot_of(key->mark);

	errs_add(errs, key->mark, "a key must be text, not %s",
	    node_type_name(key));
	if (key->type == NODE_MAP && p.at > 0 && p.s[p.at - 1] == '{')
		errs_hint(errs, "an expression in text is written ${{ x }}, "
		    "and as a whole value '${{ x }}'");
}

/* What libyaml said, and where. */
struct complaint {
	struct mark mark, context;
	const char *problem;
	struct spot spot;
	struct errs *errs;
};

static void on_tab(const struct complaint *c)
{
	errs_add(c->errs, c->mark, "a tab: YAML is indented by blanks only");
}

static void on_bad_start(const struct complaint *c)
{
	if (char_at(&c->spot) == '\t')
		on_tab(c);
	else
		trap_indicator(c->mark, c->errs);
}

/* The context begins where the value does. */
static void on_indicator(const struct complaint *c)
{
	trap_indicator(c->context, c->errs);
}

static void on_colon(const struct complaint *c)
{
	if (c->spot.at > c->spot.value) {
		errs_add(c->errs, c->mark, "': ' inside a bare value");
		hint_value(c->errs, &c->spot);
		return;
	}
	errs_add(c->errs, c->mark, "a key cannot stand here: the line above "
	    "has its value already");
	errs_hint(c->errs, "is this line, or one above it, indented too far?");
}

static void on_no_colon(const struct complaint *c)
{
	struct spot p = spot_of(c->context);

	if (char_at(&p) == '-') {
		errs_add(c->errs, c->context, "an entry of a list without "
		    "'- '");
		errs_hint(c->errs, "write a blank behind the '-'");
		return;
	}
	errs_add(c->errs, c->context, "a key without ': '");
	errs_hint(c->errs, "write 'key: value', with a blank behind the colon; "
	    "text of several lines is indented more than its key");
}

static void on_open_quote(const struct complaint *c)
{
	errs_add(c->errs, c->context, "this quote is never closed");
}

static void on_escape(const struct complaint *c)
{
	struct spot p = spot_of(c->context);
	size_t end = char_at(&p) == '"' ? skip_quoted(p.s, p.n, p.at) : 0;

	errs_add(c->errs, c->mark, "YAML knows no such escape in double "
	    "quotes");
	if (end && c->context.line == c->mark.line &&
	    !memmem(p.s + p.at, end - p.at, "\\\"", 2))
		hint_single(c->errs, &p, p.at + 1, end - 1);
	else
		errs_hint(c->errs, "in single quotes a backslash is a "
		    "backslash");
}

static void on_dash(const struct complaint *c)
{
	errs_add(c->errs, c->mark, "a list begins on a line of its own");
	errs_hint(c->errs, "or put the whole value in quotes");
}

/* The text that is too much stands in a line whose value is complete. */
static bool explain_value(const struct complaint *c)
{
	const struct spot *p = &c->spot;
	struct mark value = c->mark;
	size_t end;
	char first = p->value < p->n ? p->s[p->value] : '\0';

	if (p->at <= p->value || !first || !strchr("'\"[{*&!", first))
		return false;
	if (first == '\'' || first == '"') {
		end = skip_quoted(p->s, p->n, p->value);
		if (!end || skip_blanks(p->s, p->n, end) != p->at)
			return false;
	}
	value.col -= (unsigned)utf8_count(p->s + p->value, p->at - p->value);
	bad_start(c->errs, value, first);
	hint_quotes(c->errs, p, p->value, p->end);
	return true;
}

static void on_no_entry(const struct complaint *c)
{
	const struct spot *p = &c->spot;
	bool list = strchr(c->problem, '-');

	if (explain_value(c))
		return;
	if (skip_blanks(p->s, p->n, 0) < p->at) {
		errs_add(c->errs, c->mark, "this follows a value that is "
		    "complete");
		errs_hint(c->errs, "is a quote or bracket further above "
		    "closed too early, or not at all?");
		return;
	}
	errs_add(c->errs, c->mark, "this line does not belong to the %s that "
	    "began in line %u, column %u", list ? "list" : "map",
	    c->context.line, c->context.col);
	if (c->mark.col != c->context.col)
		errs_hint(c->errs, "indent it by %u instead of %u blanks, or "
		    "as the lines above it", c->context.col - 1,
		    c->mark.col - 1);
	else
		errs_hint(c->errs, list ? "an entry of a list begins with '- '" :
		    "an entry of a map begins with 'key: '");
}

static void on_flow(const struct complaint *c)
{
	const struct spot *p = &c->spot;
	char at = char_at(p);
	size_t from, to;

	if (!at || c->mark.line != c->context.line) {
		errs_add(c->errs, c->context, "this bracket is not closed "
		    "before line %u", c->mark.line);
		return;
	}
	if (at == '{' && p->at > 0 && p->s[p->at - 1] == '$')
		errs_add(c->errs, c->mark, "an expression inside of [...] or "
		    "{...} needs quotes");
	else
		errs_add(c->errs, c->mark, "'%.*s' does not belong into a bare "
		    "element of [...] or {...}", (int)utf8_skip(p->s + p->at,
		    p->n - p->at, 1), p->s + p->at);
	find_element(p, &from, &to);
	hint_quotes(c->errs, p, from, to);
}

static void on_control(const struct complaint *c)
{
	errs_add(c->errs, c->mark, "a control character");
	errs_hint(c->errs, "write it as \"\\x..\" in double quotes if it is "
	    "meant");
}

static void on_more(const struct complaint *c)
{
	errs_add(c->errs, c->mark, "the file goes on behind the end of what "
	    "it holds");
}

static void on_no_content(const struct complaint *c)
{
	bad_start(c->errs, c->mark, char_at(&c->spot));
	hint_value(c->errs, &c->spot);
}

static const struct {
	const char *problem;      /* what libyaml's text begins with */
	void (*explain)(const struct complaint *c);
} rows[] = {
	{ "found character that cannot start any token", on_bad_start },
	{ "found a tab character", on_tab },
	{ "did not find expected comment or line break", on_indicator },
	{ "did not find expected alphabetic", on_indicator },
	{ "found undefined tag handle", on_indicator },
	{ "did not find the expected '>'", on_indicator },
	{ "did not find expected '!'", on_indicator },
	{ "did not find expected whitespace or line break", on_indicator },
	{ "did not find expected tag URI", on_indicator },
	{ "did not find expected key", on_no_entry },
	{ "did not find expected '-' indicator", on_no_entry },
	{ "did not find expected ',' or", on_flow },
	{ "mapping values are not allowed", on_colon },
	{ "could not find expected ':'", on_no_colon },
	{ "found unexpected end of stream", on_open_quote },
	{ "found unexpected document indicator", on_open_quote },
	{ "found unknown escape character", on_escape },
	{ "did not find expected hexdecimal number", on_escape },
	{ "block sequence entries are not allowed", on_dash },
	{ "did not find expected node content", on_no_content },
	{ "did not find expected <document start>", on_more },
	{ "control characters are not allowed", on_control },
};

void trap_parser(const yaml_parser_t *parser, const struct source *source,
    struct errs *errs)
{
	struct complaint c = { .errs = errs, .problem = parser->problem,
		.mark = trap_mark(source, parser->problem_mark),
		.context = trap_mark(source, parser->context_mark) };
	size_t i;

	if (parser->error == YAML_MEMORY_ERROR)
		BUG("libyaml: no memory");
	if (parser->error == YAML_READER_ERROR)
		c.mark = trap_mark_of_byte(source, parser->problem_offset);
	c.spot = spot_of(c.mark);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (str_has_prefix(c.problem, rows[i].problem)) {
			rows[i].explain(&c);
			return;
		}
	}
	errs_add(errs, c.mark, "not valid YAML: %s", c.problem);
}
