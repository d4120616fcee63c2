/* Fingerprints: the same for the same meaning, another for another. */
#include "book_help.h"

#define TABLES \
	"hosts: {h: {local: true, environment: e, env: {A: b}}}\n" \
	"environments: {e: {title: E, identity: {run: [id], holds: true}}}\n" \
	"checks: {c: {title: C, run: [x]}, d: c}\n" \
	"params: {p: {type: string, help: H}}\n"
#define FILE_ "inputs: {x: {type: string, help: H}}\n" \
	"steps:\n- {id: s, title: S, run: [y, '${{ inputs.x }}']}\n" \
	"outputs: {o: steps.s.rc}\n"

static void fingerprint(const char *tables, const char *step,
    const char *file, char out[DIGEST_HEX + 1])
{
	char *text = xasprintf("%ssteps:\n%s", tables, step);
	struct made m;

	make_book(&m, text, file);
	strcpy(out, m.book->phases.v[0].steps.v[0]->fingerprint);
	free_book(&m);
	free(text);
}

static bool same(const char *tables, const char *a, const char *b)
{
	char x[DIGEST_HEX + 1], y[DIGEST_HEX + 1];

	fingerprint(TABLES, a, FILE_, x);
	fingerprint(tables, b, FILE_, y);
	assert_int_equal(strlen(x), DIGEST_HEX);
	return strcmp(x, y) == 0;
}

#define STEP(rest) "- {id: a, title: A, host: h, run: [x], " rest "}\n"

static void same_meaning(void **state)
{
	static const char *const rows[][2] = {
		{ STEP("verify: c"), "- id: a   # a comment\n  title: B\n"
		    "  host: h\n  ref: 1.2\n  verify: [c]\n"
		    "  run:\n  - 'x'\n" },
		{ STEP("expect: x, ok_exit: 1"),
		    "\n\n" STEP("ok_exit: [1], expect: [\"x\"]") },
		{ STEP("env: {A: b, C: d}"), STEP("env: {C: d, A: b}") },
		{ STEP("timeout: 1m"), STEP("timeout: 2m") },
		{ STEP("verify: {run: [x], title: T, timeout: 1m}"),
		    STEP("verify: {title: U, run: [x]}") },
		{ "- {id: a, title: A, include: f.yaml, with: {x: '1'}}\n",
		    "- {with: {x: '1'}, id: a, title: B, include: f.yaml}\n" },
		{ "- {id: a, title: A, gate: {ask: Q, fields:"
		    " {f: {type: string, help: x}}}}\n",
		    "- {id: a, title: A, gate: {fields:"
		    " {f: {help: y, type: string}}, ask: Q}}\n" },
		{ STEP("env: {A: b}"), "- id: a\n  title: A\n  template: t\n"
		    "  run: [x]\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (!same(TABLES "templates: {t: {host: h, env: {A: b}}}\n",
		    rows[i][0], rows[i][1]))
			fail_msg("%s%s", rows[i][0], rows[i][1]);
}

static void other_meaning(void **state)
{
	static const char *const rows[][2] = {
		{ STEP("verify: c"), STEP("require: c") },
		{ STEP("verify: c"), STEP("verify: d") },
		{ STEP("effect: reads"), STEP("effect: changes") },
		{ STEP("repeatable: true"), STEP("repeatable: false") },
		{ STEP("stdin: x"), STEP("stdin: y") },
		{ STEP("expect: [a, b]"), STEP("expect: [b, a]") },
		{ STEP("env: {A: b}"), STEP("env: {title: b}") },
		{ STEP("env: {title: b}"), STEP("env: {title: c}") },
		{ STEP("undo: {run: [y]}"), STEP("undo: {run: [z]}") },
		{ STEP("undo: {none: y}"), STEP("undo: {run: [z]}") },
		{ "- {id: a, title: A, include: f.yaml, with: {x: '1'}}\n",
		    "- {id: a, title: A, include: f.yaml, with: {x: '2'}}\n" },
		{ "- {id: a, title: A, http: {post: 'http://h/', body:"
		    " {title: x}}}\n",
		    "- {id: a, title: A, http: {post: 'http://h/', body:"
		    " {title: y}}}\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (same(TABLES, rows[i][0], rows[i][1]))
			fail_msg("%s%s", rows[i][0], rows[i][1]);
}

/* What a step refers to belongs to its meaning. */
static void other_references(void **state)
{
	static const char step[] = STEP("verify: d");
	static const struct { const char *tables; bool same; } rows[] = {
		{ TABLES, true },
		{ "hosts: {h: {local: true, environment: e, env: {A: c}}}\n"
		    "environments: {e: {title: E, identity: {run: [id],"
		    " holds: true}}}\nchecks: {c: {title: C, run: [x]}, d: c}\n",
		    false },
		{ "hosts: {h: {local: true, environment: e, env: {A: b}}}\n"
		    "environments: {e: {title: E, identity: {run: [ie],"
		    " holds: true}}}\nchecks: {c: {title: C, run: [x]}, d: c}\n",
		    false },
		{ "hosts: {h: {local: true, environment: e, env: {A: b}}}\n"
		    "environments: {e: {title: F, identity: {run: [id],"
		    " holds: true}}}\nchecks: {c: {title: X, run: [x]}, d: c}\n",
		    true },
		{ "hosts: {h: {local: true, environment: e, env: {A: b}}}\n"
		    "environments: {e: {title: E, identity: {run: [id],"
		    " holds: true}}}\nchecks: {c: {title: C, run: [y]}, d: c}\n",
		    false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (same(rows[i].tables, step, step) != rows[i].same)
			fail_msg("%s", rows[i].tables);
}

static void included_files(void **state)
{
	static const char step[] =
	    "- {id: a, title: A, include: f.yaml, with: {x: '1'}}\n";
	static const struct { const char *file; bool same; } rows[] = {
		{ "# a comment\ninputs: {x: {type: string, help: I}}\n"
		    "outputs: {o: steps.s.rc}\n"
		    "steps:\n- {id: s, title: T, run: [y, '${{ inputs.x }}']}\n",
		    true },
		{ "inputs: {x: {type: string}}\nsteps:\n"
		    "- {id: s, title: S, run: [z, '${{ inputs.x }}']}\n"
		    "outputs: {o: steps.s.rc}\n", false },
		{ "inputs: {x: {type: path}}\nsteps:\n"
		    "- {id: s, title: S, run: [y, '${{ inputs.x }}']}\n"
		    "outputs: {o: steps.s.rc}\n", false },
		{ "inputs: {x: {type: string}}\nsteps:\n"
		    "- {id: s, title: S, run: [y, '${{ inputs.x }}']}\n"
		    "outputs: {o: steps.s.out}\n", false },
	};
	char first[DIGEST_HEX + 1], other[DIGEST_HEX + 1];
	size_t i;

	(void)state;
	fingerprint("", step, FILE_, first);
	for (i = 0; i < COUNT(rows); i++) {
		fingerprint("", step, rows[i].file, other);
		if ((strcmp(first, other) == 0) != rows[i].same)
			fail_msg("%s", rows[i].file);
	}
}

static void bytes_of_files(void **state)
{
	static const char step[] = "- {id: a, title: A, run: [cat],"
	    " stdin: {file: f.yaml}}\n";
	char first[DIGEST_HEX + 1], other[DIGEST_HEX + 1];

	(void)state;
	fingerprint("", step, "select 1", first);
	fingerprint("", step, "select 1", other);
	assert_string_equal(first, other);
	fingerprint("", step, "select 2", other);
	assert_string_not_equal(first, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_meaning),
		cmocka_unit_test(other_meaning),
		cmocka_unit_test(other_references),
		cmocka_unit_test(included_files),
		cmocka_unit_test(bytes_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
