/* Params and declared values: --set over a file over defaults; types. */
#include "book_help.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/source.h"
#include "yaml/load.h"

#define END "steps: [{id: a, title: A, verify: 1 == 1}]\n"
#define PARAMS "params:\n" \
	"  s: {type: string, required: true, pattern: '[a-z0-9-]+'}\n" \
	"  i: {type: int, default: 1}\n" \
	"  r: {type: real, default: 1.5}\n" \
	"  b: {type: bool, default: false}\n" \
	"  d: {type: duration, default: 90s}\n" \
	"  z: {type: size, default: 5 MB}\n" \
	"  t: {type: time, default: null}\n" \
	"  l: {type: list, default: [1, a, '2', 1.5, null, true]}\n" \
	"  m: {type: map, default: {a: {b: [1]}}}\n" \
	"  p: {type: path, default: null}\n" \
	"  e: {type: enum, of: [x, y], default: x}\n" \
	"  n: {type: string, multiline: true}\n" END

/* The params as JSON, or the errors, one a line. */
static char *params(const char *const *sets, size_t n, const char *file)
{
	struct arena *a = arena_new();
	struct source *source = NULL;
	const struct node *node = NULL;
	struct buf out = BUF_INIT(1 << 20);
	struct errs errs = { 0 };
	struct value v;
	struct made m;
	size_t i;

	make_book(&m, PARAMS, NULL);
	if (file) {
		source = source_new("params", file, strlen(file));
		node = yaml_load(a, source, &errs);
	}
	if (book_params(m.book, a, sets, n, node, &v, &errs) == 0)
		value_json(&out, v);
	for (i = 0; i < errs.list.n; i++)
		buf_addf(&out, "%u: %s\n", errs.list.v[i].mark.line,
		    errs.list.v[i].text);
	errs_free(&errs);
	source_free(source);
	free_book(&m);
	arena_free(a);
	return buf_detach(&out, NULL);
}

static void one(const char *set, const char *file, const char *wanted)
{
	const char *const sets[] = { "s=a", set };
	char *said = params(sets, set ? 2 : 1, file);

	if (!strstr(said, wanted))
		fail_msg("%s, %s: wanted %s, not %s", set ? set : "-",
		    file ? file : "-", wanted, said);
	free(said);
}

static void values(void **state)
{
	(void)state;
	one(NULL, NULL, "{\"s\":\"a\",\"i\":1,\"r\":1.5,\"b\":false,"
	    "\"d\":\"90s\",\"z\":5000000,\"t\":null,"
	    "\"l\":[1,\"a\",\"2\",1.5,null,true],\"m\":{\"a\":{\"b\":[1]}},"
	    "\"p\":null,\"e\":\"x\",\"n\":null}");
	one("i=-7", NULL, "\"i\":-7");
	one("r=2", NULL, "\"r\":2");
	one("b=true", NULL, "\"b\":true");
	one("d=1h30m", NULL, "\"d\":\"5400s\"");
	one("z=1 KiB", NULL, "\"z\":1024");
	one("t=2026-11-24T01:02:03Z", NULL, "\"2026-11-24T01:02:03Z\"");
	one("l=[x, 2]", NULL, "\"l\":[\"x\",2]");
	one("m={k: v}", NULL, "\"m\":{\"k\":\"v\"}");
	one("p=/a/b", NULL, "\"p\":\"/a/b\"");
	one("e=y", NULL, "\"e\":\"y\"");
	one("n=a\nb", NULL, "\"n\":\"a\\nb\"");
	one("n=a=b", NULL, "\"n\":\"a=b\"");
	one("n=", NULL, "\"n\":\"\"");
}

static void order(void **state)
{
	(void)state;
	one(NULL, "i: 2\n", "\"i\":2");
	one("i=3", "i: 2\n", "\"i\":3");
	one(NULL, "s: from-file\n", "\"s\":\"a\"");
	one(NULL, "l: [a]\nm: {x: 1}\nt: null\n", "\"l\":[\"a\"]");
}

static void wrong(void **state)
{
	(void)state;
	one("s=x/../..", NULL, "'s' must fit [a-z0-9-]+ as a whole");
	one("s=a\n", NULL, "control character");
	one("s=a)|(?:b", NULL, "must fit");
	one("i=0123", NULL, "'i' wants an int, not '0123'");
	one("i=1.5", NULL, "'i' wants an int");
	one("b=yes", NULL, "'b' wants a bool");
	one("d=5", NULL, "'d' wants a duration");
	one("z=x", NULL, "'z' wants a size");
	one("t=yesterday", NULL, "'t' wants a time");
	one("l=a", NULL, "'l' wants a list, not 'a'");
	one("m=[a]", NULL, "'m' wants a map");
	one("l=[a", NULL, "'l' wants a list");
	one("p=../a", NULL, "cannot have a part that is . or ..");
	one("p=-rf", NULL, "cannot begin with -");
	one("p=", NULL, "cannot be empty");
	one("p=/", NULL, "cannot have an empty part");
	one("e=z", NULL, "'e' cannot be 'z'");
	one("n=\x1b[1A", NULL, "control character");
	one("n=\x7f", NULL, "control character");
	one("n=\xc2\x9b", NULL, "control character");
	one("q=1", NULL, "the book has no param 'q'");
	one("noequals", NULL, "--set wants NAME=VALUE");
	one(NULL, "i: [1]\n", "1: 'i' wants an int, not a list");
	one(NULL, "b: true\nii: 2\n", "2: the book has no param 'ii'");
	one(NULL, "- a\n", "1: a file of params is a map");
	one(NULL, "s: null\n", "'s' is required: it cannot be null");
}

static void missing(void **state)
{
	char *said = params(NULL, 0, "i: x\n");

	(void)state;
	assert_string_equal(said, "1: 'i' wants an int, not 'x'\n"
	    "0: a param is missing; give it by --set or --params\n");
	free(said);
}

/* ---- values that have a type already: inputs */

static void check(int type, struct value v, bool required,
    const char *wanted)
{
	const char *words[] = { "x", "y" };
	const struct decl d = { .name = "d", .type = type,
	    .required = required, .of = { words, 2 } };
	struct err err = ERR_INIT;
	struct value out;

	if (decl_value_check(&d, v, &out, &err) != 0) {
		if (!wanted || !strstr(err.text, wanted))
			fail_msg("type %d: %s", type, err.text);
		err_free(&err);
	} else if (wanted) {
		fail_msg("type %d: should say %s", type, wanted);
	}
}

static struct value literal(const char *s)
{
	struct value v = value_static(s);

	v.flags |= VALUE_LITERAL;
	return v;
}

static void typed_values(void **state)
{
	struct value secret = value_static("s");
	struct value list = { .type = VALUE_LIST };

	(void)state;
	secret.flags |= VALUE_SECRET;
	check(DECL_STRING, value_static("a"), true, NULL);
	check(DECL_STRING, value_int(1), true, "'d' wants a string, not an");
	check(DECL_STRING, secret, true, "a secret may not be given");
	check(DECL_SECRET, secret, true, NULL);
	check(DECL_SECRET, value_static("a"), true, NULL);
	check(DECL_INT, literal("5"), true, NULL);
	check(DECL_INT, value_static("5"), true, "'d' wants an int, not a s");
	check(DECL_INT, literal("x"), true, "'d' wants an int, not 'x'");
	check(DECL_BOOL, literal("true"), true, NULL);
	check(DECL_REAL, value_int(1), true, NULL);
	check(DECL_SIZE, value_int(1), true, NULL);
	check(DECL_DURATION, value_int(1), true, "wants a duration");
	check(DECL_LIST, list, true, NULL);
	check(DECL_LIST, literal("[a]"), true, "'d' wants a list");
	check(DECL_MAP, list, true, "wants a map");
	check(DECL_PATH, value_static("../x"), true, "a part that is");
	check(DECL_ENUM, value_static("x"), true, NULL);
	check(DECL_ENUM, value_static("z"), true, "cannot be 'z'");
	check(DECL_STRING, value_null(), true, "not null");
	check(DECL_STRING, value_null(), false, NULL);
	check(DECL_INT, value_unknown("why"), true, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(order),
		cmocka_unit_test(wrong),
		cmocka_unit_test(missing),
		cmocka_unit_test(typed_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
