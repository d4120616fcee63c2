#include "yaml/trap.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "yaml/node.h"
#include "yaml/spot.h"

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

	bad_start(errs, mark, spot_char(&p));
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
	spot_element(&p, &from, &to);
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
	if (spot_char(&c->spot) == '\t')
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

	if (spot_char(&p) == '-') {
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
	size_t end = 0;

	if (spot_char(&p) == '"')
		end = spot_skip_quoted(p.s, p.n, p.at);
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
		end = spot_skip_quoted(p->s, p->n, p->value);
		if (!end || spot_skip_blanks(p->s, p->n, end) != p->at)
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
	if (spot_char(p) == ':') {
		errs_add(c->errs, c->mark, "a key is missing before ':'");
		return;
	}
	if (spot_skip_blanks(p->s, p->n, 0) < p->at) {
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
		errs_hint(c->errs, "an entry of a %s", list ?
		    "list begins with '- '" : "map begins with 'key: '");
}

static void on_flow(const struct complaint *c)
{
	const struct spot *p = &c->spot;
	char at = spot_char(p);
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
	spot_element(p, &from, &to);
	hint_quotes(c->errs, p, from, to);
}

static void on_control(const struct complaint *c)
{
	unsigned char byte = (unsigned char)spot_char(&c->spot);

	errs_add(c->errs, c->mark, "a control character");
	if (byte < 0x80)
		errs_hint(c->errs, "write it as \"\\x%02x\", in double quotes, "
		    "if it is meant", byte);
}

static void on_more(const struct complaint *c)
{
	errs_add(c->errs, c->mark, "the file goes on behind the end of what "
	    "it holds");
}

static void on_no_content(const struct complaint *c)
{
	if (spot_char(&c->spot) == '\0') {
		errs_add(c->errs, c->mark, "a value is missing here");
		errs_hint(c->errs, "is a bracket further above not closed?");
		return;
	}
	bad_start(c->errs, c->mark, spot_char(&c->spot));
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
		.mark = spot_mark(source, parser->problem_mark),
		.context = spot_mark(source, parser->context_mark) };
	size_t i;

	if (parser->error == YAML_MEMORY_ERROR)
		BUG("libyaml: no memory");
	if (parser->error == YAML_READER_ERROR)
		c.mark = spot_mark_of_byte(source, parser->problem_offset);
	c.spot = spot_of(c.mark);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (str_has_prefix(c.problem, rows[i].problem)) {
			rows[i].explain(&c);
			return;
		}
	}
	errs_add(errs, c.mark, "not valid YAML: %s", c.problem);
}
