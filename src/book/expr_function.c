#include "book/expr_private.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "yaml/node.h"

#define FEW 4

#define ANY TYPES_ANY
#define SOME TYPES_NOT_NULL
#define SCALAR TYPES_SCALAR
#define NUMBER TYPES_NUMBER
#define BOOL TYPE(VALUE_BOOL)
#define INT TYPE(VALUE_INT)
#define REAL TYPE(VALUE_REAL)
#define SIZE TYPE(VALUE_SIZE)
#define STR TYPE(VALUE_STRING)
#define DUR TYPE(VALUE_DURATION)
#define TIME TYPE(VALUE_TIME)
#define LIST TYPE(VALUE_LIST)
#define MAP TYPE(VALUE_MAP)
#define SAME 0             /* yields what its arguments are */

#define LAZY FUNCTION_LAZY
#define LAMBDA (FUNCTION_LAMBDA | FUNCTION_MEMBERS | \
	FUNCTION_LOOKS_AT_UNKNOWN)
#define IMPURE FUNCTION_IMPURE
#define PATTERN FUNCTION_PATTERN
#define MEMBERS FUNCTION_MEMBERS
#define LOOKS FUNCTION_LOOKS_AT_UNKNOWN

/* name, signature, help; arguments from, to; flags; types; result */
static const struct function functions[] = {
	{ { "len", "len(x)", "Characters of a string, elements of a list, "
	    "entries of a map." },
	    1, 1, MEMBERS | LOOKS, { STR | LIST | MAP }, INT, fn_len },
	{ { "keys", "keys(map)", "The keys of a map, in their order." },
	    1, 1, MEMBERS | LOOKS, { MAP }, LIST, fn_keys },
	{ { "values", "values(map)", "The values of a map, in their order." },
	    1, 1, MEMBERS | LOOKS, { MAP }, LIST, fn_values },
	{ { "merge", "merge(map, …) or merge(list of maps)",
	    "One map of all entries; of equal keys the last counts." },
	    1, ARGS_ANY, MEMBERS | LOOKS, { MAP | LIST, MAP, MAP }, MAP,
	    fn_merge },
	{ { "flatten", "flatten(list)", "The elements of the lists in a "
	    "list, one level; what is no list stays." },
	    1, 1, MEMBERS | LOOKS, { LIST }, LIST, fn_flatten },
	{ { "sort", "sort(list)", "In ascending order; all of one type." },
	    1, 1, MEMBERS, { LIST }, LIST, fn_sort },
	{ { "unique", "unique(list)", "Each value once, in the order of its "
	    "first appearance." },
	    1, 1, MEMBERS, { LIST }, LIST, fn_unique },
	{ { "first", "first(list)", "The first element; null when there is "
	    "none." },
	    1, 1, MEMBERS | LOOKS, { LIST }, ANY, fn_first },
	{ { "last", "last(list)", "The last element; null when there is "
	    "none." },
	    1, 1, MEMBERS | LOOKS, { LIST }, ANY, fn_last },
	{ { "contains", "contains(text, part)", "Does the text hold the "
	    "part? (An element of a list: x in list.)" },
	    2, 2, 0, { STR, STR }, BOOL, fn_contains },
	{ { "startswith", "startswith(text, part)", "Does the text begin "
	    "with the part?" },
	    2, 2, 0, { STR, STR }, BOOL, fn_startswith },
	{ { "endswith", "endswith(text, part)", "Does the text end with the "
	    "part?" },
	    2, 2, 0, { STR, STR }, BOOL, fn_endswith },
	{ { "matches", "matches(text, pattern)", "Does the pattern (PCRE2) "
	    "match the whole text? The pattern is a literal, or literals and "
	    "re(x) joined by +." },
	    2, 2, PATTERN, { STR, STR }, BOOL, fn_matches },
	{ { "replace", "replace(text, pattern, by)", "Every match of the "
	    "pattern replaced by the text `by`, in which nothing is special; "
	    "^ and $ are per line." },
	    3, 3, PATTERN, { STR, STR, STR }, STR, fn_replace },
	{ { "split", "split(text, separator)", "The pieces between the "
	    "separators." },
	    2, 2, 0, { STR, STR }, LIST, fn_split },
	{ { "join", "join(list, separator)", "One text of all elements." },
	    2, 2, 0, { LIST, STR }, STR, fn_join },
	{ { "lines", "lines(text)", "The lines, without their ends." },
	    1, 1, 0, { STR }, LIST, fn_lines },
	{ { "words", "words(text)", "What stands between blanks." },
	    1, 1, 0, { STR }, LIST, fn_words },
	{ { "trim", "trim(text)", "Without blanks and newlines at both "
	    "ends." },
	    1, 1, 0, { STR }, STR, fn_trim },
	{ { "lower", "lower(text)", "A to Z become a to z." },
	    1, 1, 0, { STR }, STR, fn_lower },
	{ { "upper", "upper(text)", "a to z become A to Z." },
	    1, 1, 0, { STR }, STR, fn_upper },
	{ { "int", "int(x)", "A whole number of a string (blanks and newlines "
	    "around it do no harm), a size, or a real without a fraction." },
	    1, 1, 0, { STR | NUMBER }, INT, fn_int },
	{ { "real", "real(x)", "A number of a string, an int or a size." },
	    1, 1, 0, { STR | NUMBER }, REAL, fn_real },
	{ { "string", "string(x)", "The canonical text of a value; JSON of a "
	    "list or map." },
	    1, 1, 0, { SOME }, STR, fn_string },
	{ { "duration", "duration(text)", "A duration of a text such as "
	    "'90s' or '1h30m'." },
	    1, 1, 0, { STR | DUR }, DUR, fn_duration },
	{ { "size", "size(x)", "A size of a text such as '20 GiB', or of a "
	    "number of bytes." },
	    1, 1, 0, { STR | INT | SIZE }, SIZE, fn_size },
	{ { "time", "time(text)", "A time of ISO 8601 text with Z or an "
	    "offset." },
	    1, 1, 0, { STR | TIME }, TIME, fn_time },
	{ { "json", "json(text)", "What a JSON text says." },
	    1, 1, 0, { STR }, ANY, fn_json },
	{ { "table", "table(text, key)", "CSV or aligned text as a map: value "
	    "of the column `key` to a map of the other columns." },
	    2, 2, 0, { STR, STR }, MAP, fn_table },
	{ { "re", "re(x)", "A value quoted for a pattern, so that it matches "
	    "only itself." },
	    1, 1, 0, { SCALAR }, STR, fn_re },
	{ { "path_join", "path_join(base, part, …)", "A path below base. A "
	    "part may not leave it; a captured part is one component." },
	    2, ARGS_ANY, 0, { STR, STR, STR }, STR, fn_path_join },
	{ { "base64", "base64(text)", "The text in base64." },
	    1, 1, 0, { STR }, STR, fn_base64 },
	{ { "sha256", "sha256(text)", "The SHA-256 of the text, in hex." },
	    1, 1, 0, { STR }, STR, fn_sha256 },
	{ { "now", "now()", "This moment; the same within one expression." },
	    0, 0, IMPURE, { ANY }, TIME, fn_now },
	{ { "since", "since(time)", "How long ago that was." },
	    1, 1, IMPURE, { TIME }, DUR, fn_since },
	{ { "abs", "abs(x)", "The value without its sign." },
	    1, 1, 0, { NUMBER | DUR }, SAME, fn_abs },
	{ { "min", "min(a, b, …) or min(list)", "The least; null of an empty "
	    "list." },
	    1, ARGS_ANY, 0, { SCALAR | LIST, SCALAR, SCALAR }, ANY, fn_min },
	{ { "max", "max(a, b, …) or max(list)", "The greatest; null of an "
	    "empty list." },
	    1, ARGS_ANY, 0, { SCALAR | LIST, SCALAR, SCALAR }, ANY, fn_max },
	{ { "round", "round(x) or round(x, digits)", "The nearest int, away "
	    "from zero when in the middle; with digits behind the point a "
	    "real." },
	    1, 2, 0, { NUMBER, INT }, NUMBER, fn_round },
	{ { "is_null", "is_null(x)", "Is it null?" },
	    1, 1, MEMBERS | LOOKS, { ANY }, BOOL, fn_is_null },
	{ { "wild", "wild(x)", "x, which may be empty or wide in a step that "
	    "destroys." },
	    1, 1, MEMBERS | LOOKS, { ANY }, SAME, fn_wild },
	{ { "opt", "opt(x)", "x, which may begin with - in an argument "
	    "list." },
	    1, 1, MEMBERS | LOOKS, { ANY }, SAME, fn_opt },
	{ { "if", "if(condition, a, b)", "a when the condition holds, else b; "
	    "the other one is not looked at." },
	    3, 3, LAZY, { BOOL, ANY, ANY }, SAME, fn_if },
	{ { "map", "map(list, x -> …)", "What each element becomes." },
	    2, 2, LAMBDA, { LIST, ANY }, LIST, fn_map },
	{ { "filter", "filter(list, x -> …)", "The elements for which it "
	    "holds." },
	    2, 2, LAMBDA, { LIST, BOOL }, LIST, fn_filter },
	{ { "any", "any(list, x -> …)", "Does it hold for one element? Of "
	    "none: false." },
	    2, 2, LAMBDA, { LIST, BOOL }, BOOL, fn_any },
	{ { "all", "all(list, x -> …)", "Does it hold for every element? Of "
	    "none: true." },
	    2, 2, LAMBDA, { LIST, BOOL }, BOOL, fn_all },
	{ { "sum", "sum(list) or sum(list, x -> …)", "All added up; 0 of an "
	    "empty list." },
	    1, 2, LAMBDA, { LIST, NUMBER | DUR }, NUMBER | DUR, fn_sum },
	{ { "merge_sum", "merge_sum(list of maps)", "One map in which the "
	    "numbers of equal keys are added up; maps inside likewise." },
	    1, 1, 0, { LIST }, MAP, fn_merge_sum },
	{ { "sum_columns", "sum_columns(table, columns)", "A map: row to the "
	    "sum of its cells in these columns; a missing cell is 0." },
	    2, 2, 0, { MAP, LIST }, MAP, fn_sum_columns },
	{ { "intersection", "intersection(a, b)", "The values that are in "
	    "both lists, each once, in the order of a." },
	    2, 2, 0, { LIST, LIST }, LIST, fn_intersection },
	{ { "lower_keys", "lower_keys(map)", "The map with its keys in small "
	    "letters." },
	    1, 1, MEMBERS | LOOKS, { MAP }, MAP, fn_lower_keys },
};
#define FUNCTIONS (sizeof functions / sizeof *functions)

const struct expr_function_doc *expr_function_doc(size_t i)
{
	return i < FUNCTIONS ? &functions[i].doc : NULL;
}

const struct function *function_find(const char *name)
{
	size_t i;

	for (i = 0; i < FUNCTIONS; i++) {
		if (strcmp(functions[i].doc.name, name) == 0)
			return &functions[i];
	}
	return NULL;
}

int function_unknown(const char *name, struct mark mark, struct err *err)
{
	static const struct { const char *theirs, *ours; } others[] = {
		{ "str", "string" }, { "length", "len" }, { "size_of", "len" },
		{ "float", "real" }, { "tojson", "string" },
		{ "fromjson", "json" }, { "substr", "contains" },
		{ "starts_with", "startswith" }, { "ends_with", "endswith" },
		{ "strip", "trim" }, { "concat", "join" }, { "count", "len" },
		{ "regex", "matches" }, { "match", "matches" },
		{ "default", "??" }, { "not_null", "x != null" },
	};
	const char *names[FUNCTIONS], *near;
	size_t i;

	err_at(err, mark, "unknown function '%s'", name);
	for (i = 0; i < sizeof others / sizeof *others; i++) {
		if (strcmp(others[i].theirs, name) == 0)
			return err_hint(err, "here it is %s", others[i].ours);
	}
	for (i = 0; i < FUNCTIONS; i++)
		names[i] = functions[i].doc.name;
	near = str_nearest(name, names, FUNCTIONS);
	return near ? err_hint(err, "did you mean '%s'?", near) :
	    err_hint(err, "cairn-runbook(5) lists them");
}

unsigned function_takes(const struct function *f, size_t i)
{
	return f->takes[i < 2 ? i : 2];
}

static int eval_args(struct eval *ev, const struct expr_node *n,
    struct value *args)
{
	const struct expr_node *arg;
	unsigned takes;
	size_t i;

	for (i = 0; i < n->n; i++) {
		arg = n->args[i];
		if (arg->op == OP_LAMBDA) {
			args[i] = value_null();
			continue;
		}
		if (eval_node(ev, arg, &args[i]) < 0)
			return -1;
		takes = function_takes(n->function, i);
		if (args[i].type != VALUE_UNKNOWN &&
		    !(TYPE(args[i].type) & takes))
			return function_refuse(ev->scalar, n, i,
			    TYPE(args[i].type), &args[i], ev->err);
	}
	return 0;
}

/* The argument that makes the result unknown, or NULL. */
static const struct value *find_unknown(const struct call *c)
{
	unsigned flags = c->node->function->flags;
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->args[i].type == VALUE_UNKNOWN)
			return &c->args[i];
		if (marked_unknown(c->args[i]) &&
		    !(flags & FUNCTION_LOOKS_AT_UNKNOWN))
			return &c->args[i];
	}
	return NULL;
}

int function_call(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	const struct function *f = n->function;
	struct value few[FEW], *args = few;
	struct call c = { ev, n, args, n->n };
	const struct value *unknown;
	unsigned flags = 0;
	size_t i;

	if (f->flags & FUNCTION_LAZY)
		return f->call(&c, out);
	if (n->n > FEW)
		c.args = args = arena_array(ev->arena, n->n, sizeof *args);
	if (eval_args(ev, n, args) < 0)
		return -1;
	unknown = find_unknown(&c);
	if (unknown)
		*out = unknown_of(*unknown);
	else if (f->call(&c, out) < 0)
		return -1;
	for (i = 0; i < n->n; i++)
		flags |= f->flags & FUNCTION_MEMBERS ?
		    flags_of_member(args[i]) : flags_from(args[i]);
	out->flags |= flags;
	return 0;
}

int call_fail(const struct call *c, size_t i, const char *format, ...)
{
	const struct expr_node *at = i < c->n ? c->node->args[i] : c->node;
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	err_at(c->ev->err, node_mark_at(c->ev->scalar, at->at), "%s(): %s",
	    c->node->function->doc.name, text);
	free(text);
	return -1;
}

int call_hint(const struct call *c, const char *hint)
{
	return err_hint(c->ev->err, "%s", hint);
}

int call_arg_text(const struct call *c, struct buf *b, struct value *out)
{
	bool cut = b->cut;

	if (!cut)
		*out = value_string(c->ev->arena, b->data, b->len);
	buf_free(b);
	if (!cut)
		return eval_spend(c->ev, c->node, 0);
	c->ev->exhausted = true;
	return call_fail(c, c->n, "the result has more than %zu MiB",
	    c->ev->max_bytes / MIB);
}

int call_scan(const struct call *c, size_t bytes)
{
	return eval_spend(c->ev, c->node, bytes / KIB);
}
