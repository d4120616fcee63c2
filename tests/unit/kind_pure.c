/* gate, wait and reconcile: computed by the driver, no job. */
#include "tests/unit/kind_help.h"

#define STEP(s) "    " s "\n"
#define DAY (24 * 3600 * NSEC_PER_SEC)

static void
complains(struct kit *k, const char *body, const char *words)
{
	kit_book(k, body);
	if (words == NULL ? k->complaint != NULL : k->complaint == NULL ||
	    strstr(k->complaint, words) == NULL)
		fail_msg("%s: %s", body, k->complaint == NULL ? "accepted" :
		    k->complaint);
}

/* ---- gate */

static void
test_gate(void **state)
{
	struct question q;
	struct err err = ERR_INIT;
	struct kit k;

	(void)state;
	kit_open(&k);
	kit_params(&k, "{\"x\":\"old\",\"list\":[\"a\",\"b\"],\"n\":3}");
	kit_book(&k, STEP("gate:")
	    STEP("  ask: 'Is ${{ params.x }} down?'")
	    STEP("  by: kim")
	    STEP("  show: {Lists: '${{ params.list }}', N: '${{ params.n }}',"
	    " Text: 'is ${{ params.x }}'}")
	    STEP("  checklist: ['${{ params.x }} is off', second]")
	    STEP("  fields: {why: {type: string, required: true}}")
	    STEP("  choices: {yes_: continue, later: wait}")
	    STEP("  confirm: '${{ params.x }}'")
	    STEP("  valid: 1h"));
	assert_null(k.complaint);
	kit_call(&k, false);
	assert_int_equal(k.kind->ask(&k.call, &q, &err), 0);
	assert_string_equal(q.ask.u.string.p, "Is old down?");
	assert_string_equal(q.by.u.string.p, "kim");
	assert_string_equal(kit_member(q.show, "Lists").u.string.p,
	    "[\"a\", \"b\"]");
	assert_string_equal(kit_member(q.show, "N").u.string.p, "3");
	assert_string_equal(kit_member(q.show, "Text").u.string.p, "is old");
	assert_int_equal(q.checklist.n, 2);
	assert_string_equal(q.checklist.v[0], "old is off");
	assert_string_equal(q.fields->v[0].name, "why");
	assert_int_equal(q.choices->v[1].value, CHOICE_WAIT);
	assert_string_equal(q.confirm.u.string.p, "old");
	assert_int_equal(q.valid, 3600 * NSEC_PER_SEC);
	kit_book(&k, STEP("gate: {ask: Well}"));
	kit_call(&k, false);
	assert_int_equal(k.kind->ask(&k.call, &q, &err), 0);
	assert_int_equal(q.confirm.type, VALUE_NULL);
	assert_null(q.choices);
	assert_int_equal(q.valid, 3 * 3600 * NSEC_PER_SEC);
	kit_close(&k);
}

static void
test_gate_refused(void **state)
{
	static const struct { const char *body, *words; } rows[] = {
		{ STEP("gate: {}"), "ask" },
		{ STEP("gate: {ask: x, approvals: 2}"), "not built yet" },
		{ STEP("gate: {ask: '${{ secrets.pw }}'}"), "secret" },
		{ STEP("gate: {ask: x, show: {A: '${{ secrets.pw }}'}}"),
		  "secret" },
		{ STEP("gate: {ask: x, fields: {choice: {type: string}}}"),
		  "cannot be named" },
		{ STEP("gate: {ask: x, fields: {f: {type: secret}}}"),
		  "secret" },
		{ STEP("gate: {ask: x, confirm: y, choices: {a: wait}}"),
		  "means continue" },
		{ STEP("gate: {ask: x, choices: {a: perhaps}}"), "perhaps" },
	};
	struct question q;
	struct err err = ERR_INIT;
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	for (i = 0; i < COUNT(rows); i++)
		complains(&k, rows[i].body, rows[i].words);
	/* a word to be typed that came out blank (G5) */
	kit_params(&k, "{\"x\":\" \"}");
	complains(&k, STEP("gate: {ask: x, confirm: '${{ params.x }}'}"),
	    NULL);
	kit_call(&k, false);
	assert_int_equal(k.kind->ask(&k.call, &q, &err), -1);
	assert_non_null(strstr(err.text, "blank"));
	err_free(&err);
	kit_close(&k);
}

static void
test_gate_leaves(void **state)
{
	const struct book_kinds *view = kinds_for_book();
	const char *const *names;
	struct kit k;

	(void)state;
	kit_open(&k);
	kit_book(&k, STEP("gate: {ask: x, fields: {why: {type: string}}}"));
	assert_null(k.complaint);
	names = view->leaves(k.step->body.kind, k.step->body.spec, k.arena);
	assert_string_equal(names[0], "why");
	assert_string_equal(names[1], "choice");
	assert_string_equal(names[2], "by");
	assert_null(names[3]);
	assert_true(view->is_gate(k.step->body.kind));
	assert_false(view->allowed(k.step->body.kind, "look"));
	kit_close(&k);
}

/* ---- wait */

static void
test_wait(void **state)
{
	static const struct { const char *body, *words; nsec until; } rows[] = {
		{ STEP("wait: 2h"), NULL, 2 * 3600 * NSEC_PER_SEC },
		{ STEP("wait: time('1970-01-02T00:00:00Z')"), NULL, DAY },
		{ STEP("wait: duration(params.x)"), NULL, 60 * NSEC_PER_SEC },
		{ STEP("wait: params.n"), "not an int", 0 },
		{ STEP("wait: params.x"), "not a string", 0 },
	};
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	kit_params(&k, "{\"x\":\"1m\",\"n\":3}");
	for (i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		nsec until = 0;
		int result;

		complains(&k, rows[i].body, NULL);
		kit_call(&k, false);
		result = k.kind->until(&k.call, 0, &until, &err);
		assert_int_equal(result == 0, rows[i].words == NULL);
		assert_int_equal(until, rows[i].until);
		if (result != 0)
			assert_non_null(strstr(err.text, rows[i].words));
		err_free(&err);
	}
	/* far beyond all time */
	{
		struct err err = ERR_INIT;
		nsec until;

		complains(&k, STEP("wait: 100000d"), NULL);
		kit_call(&k, false);
		assert_int_equal(k.kind->until(&k.call, INT64_MAX - 5, &until,
		    &err), -1);
		err_free(&err);
	}
	kit_close(&k);
}

/* ---- reconcile */

struct compared {
	const char *tables;          /* params left and right */
	const char *rest;            /* more keys */
	size_t differences, accepted;
	const char *error;           /* in the message; NULL: done */
};

#define RULES(s) STEP("  rules:") "        - " s "\n"

static const struct compared compared[] = {
	{ "{\"left\":{},\"right\":{}}", "", 0, 0, NULL },
	{ "{\"left\":{\"a\":{\"n\":1}},\"right\":{\"a\":{\"n\":1}}}", "", 0,
	  0, NULL },
	{ "{\"left\":{\"a\":1},\"right\":{\"a\":1.0}}", "", 0, 0, NULL },
	{ "{\"left\":{\"a\":1},\"right\":{\"a\":2}}", "", 1, 0,
	  "1 cell differs: a: left 1, right 2" },
	{ "{\"left\":{\"a\":9007199254740993},\"right\":{\"a\":"
	  "9007199254740992.0}}", "", 1, 0, "differs" },
	/* what is empty or missing is zero */
	{ "{\"left\":{\"a\":{\"n\":0,\"m\":\"\"}},\"right\":{}}", "", 0, 0,
	  NULL },
	{ "{\"left\":{\"a\":{\"n\":null}},\"right\":{\"a\":{\"m\":0.0}}}", "",
	  0, 0, NULL },
	{ "{\"left\":{},\"right\":{\"a\":{\"n\":5}}}", "", 1, 0,
	  "a, n: left null, right 5" },
	/* a text is no number */
	{ "{\"left\":{\"a\":\"1\"},\"right\":{\"a\":1}}", "", 1, 0,
	  "left '1', right 1" },
	{ "{\"left\":{\"a\":\"x\"},\"right\":{\"a\":\"x\"}}", "", 0, 0, NULL },
	/* renaming */
	{ "{\"left\":{\"old\":1},\"right\":{\"new\":1}}",
	  STEP("  rename: {old: new}"), 0, 0, NULL },
	{ "{\"left\":{\"old\":1,\"new\":1},\"right\":{}}",
	  STEP("  rename: {old: new}"), 0, 0, "two rows" },
	/* rules: whole names, the first that fits */
	{ "{\"left\":{\"ab\":1},\"right\":{}}",
	  RULES("{rows: 'a.*', ignore: why}"), 0, 1, NULL },
	{ "{\"left\":{\"xab\":1},\"right\":{}}",
	  RULES("{rows: 'a.*', ignore: why}"), 1, 0, "xab" },
	{ "{\"left\":{\"ab\":1},\"right\":{}}",
	  RULES("{rows: 'a|ab', ignore: why}"), 0, 1, NULL },
	{ "{\"left\":{\"b\":1,\"a.c\":1},\"right\":{}}",
	  RULES("{rows: [b, 'a\\.c'], ignore: why}"), 0, 2, NULL },
	{ "{\"left\":{\"a.b\":1,\"axb\":1},\"right\":{},\"x\":\"a.b\"}",
	  RULES("{rows: '${{ params.x }}', ignore: why}"), 1, 1, "axb" },
	{ "{\"left\":{\"1a.b\":1,\"1axb\":1},\"right\":{},\"x\":\"a.b\"}",
	  RULES("{rows: '\\d${{ params.x }}', ignore: why}"), 1, 1, "1axb" },
	{ "{\"left\":{\"a.b\":1,\"axb\":1},\"right\":{},\"list\":[\"a.b\"]}",
	  RULES("{rows: '${{ params.list }}', ignore: why}"), 1, 1, "axb" },
	{ "{\"left\":{\"a\":1},\"right\":{},\"list\":[]}",
	  RULES("{rows: '${{ params.list }}', ignore: why}"), 1, 0, "a:" },
	{ "{\"left\":{\"a\":{\"n\":1,\"m\":1}},\"right\":{}}",
	  RULES("{columns: [n], ignore: why}"), 1, 1, "a, m" },
	{ "{\"left\":{\"a\":{\"n\":1}},\"right\":{}}",
	  RULES("{only: left, ignore: why}"), 0, 1, NULL },
	{ "{\"left\":{\"a\":{\"n\":1}},\"right\":{\"a\":{\"n\":2}}}",
	  RULES("{only: left, ignore: why}"), 1, 0, "a, n" },
	{ "{\"left\":{\"a\":{\"n\":1}},\"right\":{\"a\":{\"n\":0}}}",
	  RULES("{only: left, ignore: why}"), 0, 1, NULL },
	{ "{\"left\":{\"a\":{\"n\":1}},\"right\":{}}",
	  RULES("{only: right, ignore: why}"), 1, 0, "a, n" },
	{ "{\"left\":{\"a\":{\"n\":1}},\"right\":{}}",
	  RULES("{rows: a, columns: [m], ignore: why}"), 1, 0, "a, n" },
	{ "{\"left\":{\"a\":{\"n\":1}},\"right\":{}}",
	  RULES("{rows: a}") "        - {rows: '.*', ignore: why}\n", 1, 0,
	  "a, n" },
	/* tolerance: of the left number, or a number */
	{ "{\"left\":{\"a\":1000,\"b\":1000},\"right\":{\"a\":1001,\"b\":1002}}",
	  RULES("{rows: '.*', tolerance: 0.1%}"), 1, 1, "b: left 1000" },
	{ "{\"left\":{\"a\":10,\"b\":10},\"right\":{\"a\":8,\"b\":7}}",
	  RULES("{rows: '.*', tolerance: 2}"), 1, 1, "b: left 10" },
	{ "{\"left\":{\"a\":10},\"right\":{\"a\":8},\"n\":2}",
	  RULES("{rows: a, tolerance: '${{ params.n }}'}"), 0, 1, NULL },
	{ "{\"left\":{\"a\":10},\"right\":{\"a\":11},\"x\":\"10 %\"}",
	  RULES("{rows: a, tolerance: '${{ params.x }}'}"), 0, 1, NULL },
	{ "{\"left\":{\"a\":-10},\"right\":{\"a\":-11}}",
	  RULES("{rows: a, tolerance: 10%}"), 0, 1, NULL },
	{ "{\"left\":{\"a\":0},\"right\":{\"a\":1}}",
	  RULES("{rows: a, tolerance: 50%}"), 1, 0, "a: left 0" },
	{ "{\"left\":{\"a\":10},\"right\":{\"a\":11}}",
	  RULES("{rows: a, tolerance: 0}"), 1, 0, "differs" },
	{ "{\"left\":{\"a\":9223372036854775807},\"right\":{\"a\":"
	  "9223372036854775805}}",
	  RULES("{rows: a, tolerance: 1}"), 1, 0, "differs" },
	{ "{\"left\":{\"a\":9223372036854775807},\"right\":{\"a\":"
	  "-9223372036854775807}}",
	  RULES("{rows: a, tolerance: 1}"), 1, 0, "differs" },
	{ "{\"left\":{\"a\":\"x\"},\"right\":{\"a\":1}}",
	  RULES("{rows: a, tolerance: 100}"), 1, 0, "differs" },
	{ "{\"left\":{\"a\":10},\"right\":{\"a\":11},\"x\":\"some\"}",
	  RULES("{rows: a, tolerance: '${{ params.x }}'}"), 0, 0,
	  "not negative" },
	/* against: the right cell and other cells of its row */
	{ "{\"left\":{\"a\":{\"E\":7,\"S\":2,\"C\":1}},"
	  "\"right\":{\"a\":{\"E\":3,\"S\":2,\"C\":1}}}",
	  RULES("{columns: [E], against: [right.S, right.C]}"), 0, 0, NULL },
	{ "{\"left\":{\"a\":{\"E\":3,\"S\":2}},\"right\":{\"a\":{\"E\":3,"
	  "\"S\":2}}}",
	  RULES("{columns: [E], against: right.S}"), 1, 0,
	  "a, E: left 3, right 3, expected 2" },
	{ "{\"left\":{\"a\":{\"E\":9,\"S\":1000}},\"right\":{\"a\":{\"E\":"
	  "999,\"S\":1000}}}",
	  RULES("{columns: [E], against: left.S, tolerance: 0.1%}"), 0, 1,
	  NULL },
	{ "{\"left\":{\"a\":{\"E\":5}},\"right\":{\"b\":{\"S\":0}}}",
	  RULES("{columns: [E], against: right.S}"), 0, 0, NULL },
	{ "{\"left\":{\"a\":{\"E\":0}},\"right\":{\"a\":{\"E\":0}}}",
	  RULES("{columns: [E], against: right.s}"), 0, 0,
	  "no row of the table right has" },
	{ "{\"left\":{\"a\":{\"E\":0,\"S\":\"x\"}},\"right\":{\"a\":{\"E\":"
	  "0,\"S\":\"x\"}}}",
	  RULES("{columns: [E], against: left.S}"), 0, 0,
	  "cannot be summed" },
	/* the first rule that fits counts, also for `against` */
	{ "{\"left\":{\"a\":{\"E\":1,\"S\":2}},\"right\":{\"a\":{\"E\":1,"
	  "\"S\":2}}}",
	  RULES("{rows: a, ignore: why}")
	  "        - {columns: [E], against: right.S}\n", 0, 0, NULL },
	/* derive: what was summed vanishes, on both sides */
	{ "{\"left\":{\"f\":{\"n\":1},\"f-del\":{\"n\":2},\"g\":{\"n\":9}},"
	  "\"right\":{\"form\":{\"n\":3},\"g\":{\"n\":9}}}",
	  STEP("  derive: [{row: form, sum: 'f(-del)?|form'}]"), 0, 0, NULL },
	{ "{\"left\":{\"f\":{\"n\":1},\"fx\":{\"n\":2}},\"right\":{\"form\":"
	  "{\"n\":1}}}",
	  STEP("  derive: [{row: form, sum: [f, form]}]"), 1, 0,
	  "fx, n: left 2, right null" },
	{ "{\"left\":{\"f\":1,\"g\":1.5},\"right\":{\"t\":2.5}}",
	  STEP("  derive: [{row: t, sum: [f, g, t]}]"), 0, 0, NULL },
	{ "{\"left\":{\"f\":1},\"right\":{\"f\":1,\"t\":1}}",
	  STEP("  derive: [{row: t, sum: f}]"), 0, 0, "has a row t already" },
	{ "{\"left\":{\"f\":\"x\"},\"right\":{}}",
	  STEP("  derive: [{row: t, sum: f}]"), 0, 0, "cannot be summed" },
	{ "{\"left\":{\"a\":9223372036854775807,\"b\":1},\"right\":{}}",
	  STEP("  derive: [{row: t, sum: [a, b]}]"), 0, 0, "too large" },
	{ "{\"left\":{\"old\":1,\"b\":2},\"right\":{\"t\":3}}",
	  STEP("  rename: {old: new}")
	  STEP("  derive: [{row: t, sum: [new, b, t]}]"), 0, 0, NULL },
	{ "{\"left\":{\"a\":1},\"right\":{\"u\":1}}",
	  STEP("  derive: [{row: t, sum: a}, {row: u, sum: [t, u]}]"), 0, 0,
	  NULL },
	{ "{\"left\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1},\"right\":{}}",
	  "", 5, 0, "5 cells differ: a: left 1, right null; b: left 1, right "
	  "null; c: left 1, right null; and 2 more" },
};

static void
compare(struct kit *k, const struct compared *row)
{
	char body[1024];
	struct err err = ERR_INIT;
	struct value self = value_null();
	int result;

	kit_params(k, "{\"x\":\"\",\"list\":[]}");
	kit_params(k, row->tables);
	snprintf(body, sizeof body, "%s%s", STEP("reconcile:")
	    STEP("  left: '${{ params.left }}'")
	    STEP("  right: '${{ params.right }}'"), row->rest);
	complains(k, body, NULL);
	kit_call(k, false);
	result = k->kind->compute(&k->call, &self, &err);
	if ((result == 0) != (row->error == NULL) || (result != 0 &&
	    strstr(err.text, row->error) == NULL))
		fail_msg("%s%s: %s", row->tables, row->rest, err.set ?
		    err.text : "equal");
	if (row->differences + row->accepted > 0 || result == 0) {
		assert_int_equal(kit_member(self, "differences").u.list.n,
		    row->differences);
		assert_int_equal(kit_member(self, "accepted").u.list.n,
		    row->accepted);
	}
	err_free(&err);
}

static void
test_reconcile(void **state)
{
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	for (i = 0; i < COUNT(compared); i++)
		compare(&k, &compared[i]);
	kit_close(&k);
}

static void
test_reconcile_result(void **state)
{
	struct err err = ERR_INIT;
	struct value self, d;
	struct kit k;

	(void)state;
	kit_open(&k);
	kit_params(&k, "{\"left\":{\"a\":{\"n\":1},\"b\":{\"n\":2}},"
	    "\"right\":{\"a\":{\"n\":3},\"b\":{\"n\":4}}}");
	complains(&k, STEP("reconcile:")
	    STEP("  left: '${{ params.left }}'")
	    STEP("  right: '${{ params.right }}'")
	    STEP("  rules: [{rows: b, ignore: 'left behind'}]"), NULL);
	kit_call(&k, false);
	assert_int_equal(k.kind->compute(&k.call, &self, &err), -1);
	assert_string_equal(kit_member(self, "summary").u.string.p,
	    "2 rows, 2 cells compared: 1 differ, 1 differences accepted");
	assert_string_equal(kit_member(self, "table").u.string.p,
	    "row  column  left  right\n"
	    "a    n       1     3      DIFFERS\n"
	    "b    n       2     4      accepted: left behind\n");
	d = kit_member(self, "differences").u.list.items[0];
	assert_string_equal(kit_member(d, "row").u.string.p, "a");
	assert_int_equal(kit_member(d, "right").u.integer, 3);
	d = kit_member(self, "accepted").u.list.items[0];
	assert_string_equal(kit_member(d, "why").u.string.p, "left behind");
	err_free(&err);
	kit_close(&k);
}

/* The evidence: a file of the run, and a warning in the summary. */
static void
test_reconcile_file(void **state)
{
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT(1 << 20);
	struct value self;
	struct kit k;

	(void)state;
	kit_open(&k);
	kit_params(&k, "{\"left\":{\"a\\u001b[2J\":{\"n\":1}},\"right\":{}}");
	complains(&k, STEP("reconcile:")
	    STEP("  left: '${{ params.left }}'")
	    STEP("  right: '${{ params.right }}'")
	    STEP("  rules: [{only: left, ignore: 'left behind',"
	    " warn: true}]"), NULL);
	kit_call(&k, false);
	k.call.files_fd = k.fd;
	k.call.address = "a[../x]";
	if (k.kind->compute(&k.call, &self, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(kit_member(self, "summary").u.string.p,
	    "1 rows, 1 cells compared: 0 differ, 1 differences accepted, 1 of "
	    "them with a warning: a\\x1b[2J, n: left 1, right null");
	assert_string_equal(kit_member(self, "file").u.string.p,
	    "files/a%5B..%2Fx%5D.1.txt");
	assert_int_equal(file_read_beneath(k.fd, "a%5B..%2Fx%5D.1.txt", &text,
	    &err), 0);
	assert_non_null(strstr(text.data, "accepted, warning: left behind"));
	assert_null(strchr(text.data, 27));
	/* where it cannot be kept the comparison is no evidence */
	k.call.files_fd = open("/proc/self", O_RDONLY | O_CLOEXEC);
	assert_int_equal(k.kind->compute(&k.call, &self, &err), -1);
	close(k.call.files_fd);
	err_free(&err);
	buf_free(&text);
	kit_close(&k);
}

/* Tables that have nothing in common are refused, not listed for ever. */
static void
test_reconcile_large(void **state)
{
	struct err err = ERR_INIT;
	struct buf json = BUF_INIT(1 << 24);
	struct value self;
	struct kit k;
	int i;

	(void)state;
	kit_open(&k);
	buf_adds(&json, "{\"right\":{},\"left\":{\"a\":1");
	for (i = 0; i < 10000; i++)
		buf_addf(&json, ",\"r%d\":1", i);
	buf_adds(&json, "}}");
	kit_params(&k, json.data);
	complains(&k, STEP("reconcile: {left: '${{ params.left }}', "
	    "right: '${{ params.right }}'}"), NULL);
	kit_call(&k, false);
	assert_int_equal(k.kind->compute(&k.call, &self, &err), -1);
	assert_non_null(strstr(err.text, "more than 10000 cells differ"));
	err_free(&err);
	buf_free(&json);
	kit_close(&k);
}

static void
test_reconcile_refused(void **state)
{
	static const struct { const char *body, *words; } rows[] = {
		{ STEP("reconcile: {left: a}"), "right" },
		{ STEP("reconcile: {left: a, right: b, derive: [{row: x}]}"),
		  "sum" },
		{ STEP("reconcile: {left: a, right: b, derive: [{row: x,"
		  " sum: 'a('}]}"), "parenthes" },
		{ STEP("reconcile: {left: a, right: b, rules: [{ignore: x}]}"),
		  "for which cells" },
		{ STEP("reconcile: {left: a, right: b, rules: [{rows: 'a('}]}")
		  , "parenthes" },
		{ STEP("reconcile: {left: a, right: b, rules: [{rows: a,"
		  " tolerance: -1}]}"), "not negative" },
		{ STEP("reconcile: {left: a, right: b, rules: [{rows: a,"
		  " tolerance: 1 GiB}]}"), "not negative" },
		{ STEP("reconcile: {left: a, right: b, rules: [{rows: a,"
		  " tolerance: nan}]}"), "not negative" },
		{ STEP("reconcile: {left: a, right: b, rules: [{rows: a,"
		  " tolerance: 1, ignore: x}]}"), "either ignores" },
		{ STEP("reconcile: {left: a, right: b, rules: [{rows: a,"
		  " warn: true}]}"), "stands with `ignore`" },
		{ STEP("reconcile: {left: a, right: b, rules: [{rows: a,"
		  " against: SQL}]}"), "left.NAME or right.NAME" },
		{ STEP("reconcile: {left: a, right: b, rules: [{rows: a,"
		  " against: right.}]}"), "left.NAME or right.NAME" },
		{ STEP("reconcile: {left: a, right: b, rules: [{rows: a,"
		  " ignore: ' '}]}"), "may not be empty" },
	};
	struct err err = ERR_INIT;
	struct value self;
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	for (i = 0; i < COUNT(rows); i++)
		complains(&k, rows[i].body, rows[i].words);
	complains(&k, STEP("reconcile: {left: a, right: b}"), NULL);
	kit_call(&k, false);
	assert_int_equal(k.kind->compute(&k.call, &self, &err), -1);
	assert_non_null(strstr(err.text, "wants a table"));
	err_free(&err);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_gate_refused),
		cmocka_unit_test(test_gate_leaves),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_reconcile),
		cmocka_unit_test(test_reconcile_result),
		cmocka_unit_test(test_reconcile_file),
		cmocka_unit_test(test_reconcile_large),
		cmocka_unit_test(test_reconcile_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
