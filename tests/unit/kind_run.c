/* run: what is made of text and lists, what is refused, what is read. */
#include "tests/unit/kind_help.h"

#define STEP(s) "    " s "\n"

static const struct { const char *body, *shown; } shown[] = {
	{ STEP("run: echo hello"), "echo hello" },
	{ STEP("run: 'ls \"${{ params.x }}\"'"), "ls \"a b\"" },
	{ STEP("run: ls ${{ params.x }}"), "ls 'a b'" },
	{ STEP("run: \"echo 'is ${{ params.y }}'\""), "echo 'is $(id)'" },
	{ STEP("run: echo ${{ params.y }}"), "echo '$(id)'" },
	{ STEP("run: 'echo \"${{ params.y }}\"'"),
	  "CAIRN_1='$(id)'\necho \"${CAIRN_1}\"" },
	{ STEP("run: [echo, '${{ params.x }}', -n]"), "echo 'a b' -n" },
	{ STEP("run: [echo, '${{ params.list }}']"), "echo one two" },
	{ STEP("run: env") STEP("env: {A: 'b c', P: '${{ secrets.pw }}'}"),
	  "export A='b c'\nexport P='[secret:pw]'\nenv" },
	{ STEP("run: [env]") STEP("env: {A: b}"), "A=b env" },
	{ STEP("run: [cat]") STEP("stdin: \"1\\n2\\n\""),
	  "cat\n# stdin:\n# 1\n# 2" },
	{ STEP("run: [cat]") STEP("stdin: 'pw=${{ secrets.pw }}'"),
	  "cat\n# stdin:\n# pw=[secret:pw]" },
};

static const struct { const char *body, *words; } refused[] = {
	{ STEP("run: [echo, '${{ secrets.pw }}']"), "secret" },
	{ STEP("run: echo ${{ secrets.pw }}"), "secret" },
	{ STEP("run: [ls]") STEP("cwd: '${{ secrets.pw }}'"), "secret" },
	{ STEP("run: [ls]") STEP("cwd: '${{ params.empty }}'"), "empty" },
	{ STEP("run: rm -rf /x"), "destroys" },
	{ STEP("run: [rm, -rf, /x]"), "destroys" },
	{ STEP("run: rm -rf /x   # lint: ok a scratch directory"), NULL },
	{ STEP("run: [echo, '${{ params.dash }}']"), "-" },
	{ STEP("run: [echo, '${{ opt(params.dash) }}']"), NULL },
	{ STEP("run: sh -c 'echo ${{ params.x }}'"), "sh" },
	{ STEP("run: ['${{ params.none }}']"), "nothing is left" },
	{ STEP("run: ['${{ params.empty }}']"), "program" },
};

/* What a destroying step may not be given (V5), in each place. */
static const char *const places[] = {
	STEP("run: [rm, -r, '${{ params.v }}']"),
	STEP("run: 'rm -r \"${{ params.v }}\"'"),
	STEP("run: [rm, -r, x]") STEP("cwd: '${{ params.v }}'"),
	STEP("run: [rm, -r, x]") STEP("env: {V: '${{ params.v }}'}"),
	STEP("run: [rm, -r, x]") STEP("stdin: '${{ params.v }}'"),
};
static const char *const wild[] = { "", " ", ".", "..", "/" };
#define DESTROYS STEP("host: box") STEP("effect: destroys") \
	STEP("targets: [here]")

static void
values(struct kit *k)
{
	kit_params(k, "{\"x\":\"a b\",\"y\":\"$(id)\",\"n\":1,\"empty\":\"\","
	    "\"list\":[\"one\",\"two\"],\"dash\":\"-x\",\"none\":[]}");
	kit_set(k, 2, "pw", value_static("hunter22"));
}

static void
test_shown(void **state)
{
	struct err err = ERR_INIT;
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	values(&k);
	for (i = 0; i < COUNT(shown); i++) {
		if (kit_make(&k, shown[i].body, &err) != 0)
			fail_msg("%s: %s", shown[i].body, err.text);
		assert_string_equal(kit_shown(&k), shown[i].shown);
		assert_false(value_is_secret(k.job.shown));
	}
	kit_close(&k);
}

static void
test_refused(void **state)
{
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	values(&k);
	for (i = 0; i < COUNT(refused); i++) {
		/* params that the book declares for these rows only */
		kit_expect(&k, refused[i].body, refused[i].words);
	}
	kit_close(&k);
}

static void
test_wild(void **state)
{
	char body[512];
	struct kit k;
	size_t i, j;

	(void)state;
	kit_open(&k);
	for (i = 0; i < COUNT(places); i++) {
		for (j = 0; j < COUNT(wild); j++) {
			kit_set(&k, 0, "v", value_static(wild[j]));
			snprintf(body, sizeof body, "%s%s", places[i],
			    DESTROYS);
			kit_expect(&k, body, "");
			if (k.complaint != NULL)
				fail_msg("%s", k.complaint);
			assert_null(k.job.spec.argv);
		}
		kit_set(&k, 0, "v", value_static("fine"));
		kit_expect(&k, body, NULL);
		memset(&k.job, 0, sizeof k.job);
	}
	kit_close(&k);
}

/* 0: it has it; else what it has. */
static bool
has(const char *out, const char *line)
{
	const char *at = strstr(out, line);

	return at != NULL && (at == out || at[-1] == '\n') &&
	    (at[strlen(line)] == '\n' || at[strlen(line)] == '\0');
}

static void
test_environment(void **state)
{
	static const char *const bodies[] = {
		STEP("run: env") STEP("host: box")
		    STEP("env: {A: 'x=y', LANG: de, P: '${{ secrets.pw }}'}"),
		STEP("run: [env]") STEP("host: box")
		    STEP("env: {A: 'x=y', LANG: de, P: '${{ secrets.pw }}'}"),
	};
	static const char *const lines[] = { "A=x=y", "LANG=de", "P=hunter22",
	    "FROM_HOST=h", "PATH=/usr/bin:/bin",
	    "CAIRN_JOB=0123456789abcdef0123456789abcdef" };
	struct err err = ERR_INIT;
	struct kit k;
	size_t i, j;
	int status;

	(void)state;
	kit_open(&k);
	values(&k);
	for (i = 0; i < COUNT(bodies); i++) {
		char *out;

		assert_int_equal(kit_make(&k, bodies[i], &err), 0);
		out = kit_run(&k, &status);
		for (j = 0; j < COUNT(lines); j++)
			if (!has(out, lines[j]))
				fail_msg("no %s in %s", lines[j], out);
		assert_null(strstr(out, "LANG=C"));
		assert_null(strstr(out, "CAIRN_1"));
		free(out);
	}
	kit_close(&k);
}

/* Values reach the command byte by byte, script and input do not meet, and
 * descriptor 9 is closed. */
static void
test_running(void **state)
{
	static const struct { const char *body, *out; } rows[] = {
		{ STEP("run: printf '[%s]' ${{ params.y }} \"${{ params.x }}\"")
		  , "[$(id)][a b]" },
		{ STEP("run: [printf, '[%s]', '${{ params.y }}', '${{"
		  " params.list }}']"), "[$(id)][one][two]" },
		{ STEP("run: cat; printf end") STEP("stdin: \"in\\n\""),
		  "in\nend" },
		{ STEP("run: '[ -e /proc/self/fd/9 ] || printf closed'"),
		  "closed" },
		{ STEP("run: false; printf not here") STEP("ok_exit: [0, 1]"),
		  "" },
		{ STEP("run: [pwd]") STEP("cwd: /usr"), "/usr\n" },
	};
	struct err err = ERR_INIT;
	struct kit k;
	size_t i;
	int status;

	(void)state;
	kit_open(&k);
	values(&k);
	for (i = 0; i < COUNT(rows); i++) {
		char *out;

		if (kit_make(&k, rows[i].body, &err) != 0)
			fail_msg("%s: %s", rows[i].body, err.text);
		out = kit_run(&k, &status);
		assert_string_equal(out, rows[i].out);
		free(out);
	}
	kit_close(&k);
}

static void
test_secret_input(void **state)
{
	struct err err = ERR_INIT;
	struct kit k;

	(void)state;
	kit_open(&k);
	values(&k);
	assert_int_equal(kit_make(&k, STEP("run: [cat]")
	    STEP("stdin: '${{ secrets.pw }}'"), &err), 0);
	assert_true(k.job.spec.input_secret);
	assert_int_equal(kit_make(&k, STEP("run: [cat]")
	    STEP("stdin: '${{ params.x }}'"), &err), 0);
	assert_false(k.job.spec.input_secret);
	kit_close(&k);
}

static void
read_row(struct kit *k, struct job_result r, bool cut, const char *words)
{
	struct kind_outcome o = { &r, "o\n", "e\n", 2, 2, cut };
	struct err err = ERR_INIT;
	struct value self;

	if (k->kind->read(&k->call, &o, &self, &err) != 0) {
		assert_non_null(words);
		assert_string_equal(err.text, words);
		err_free(&err);
		return;
	}
	assert_null(words);
	assert_int_equal(kit_member(self, "rc").u.integer, r.status);
	assert_string_equal(kit_member(self, "err").u.string.p, "e\n");
	if (cut)
		assert_int_equal(kit_member(self, "out").type, VALUE_UNKNOWN);
	else
		assert_string_equal(kit_member(self, "out").u.string.p,
		    "o\n");
}

static void
test_read(void **state)
{
	struct err err = ERR_INIT;
	struct kit k;

	(void)state;
	kit_open(&k);
	assert_int_equal(kit_make(&k, STEP("run: [/x/y]"), &err), 0);
	read_row(&k, (struct job_result){ JOB_EXITED, 0, 2, 2, 1, 2, false },
	    false, NULL);
	read_row(&k, (struct job_result){ JOB_EXITED, 3, 2, 2, 1, 2, false },
	    true, NULL);
	read_row(&k, (struct job_result){ JOB_SIGNALED, 9, 2, 2, 1, 2, false },
	    false, "it was ended by signal 9 (Killed)");
	read_row(&k, (struct job_result){ JOB_NOT_EXECUTED, 2, 0, 0, 1, 2,
	    false }, false, "could not be executed: /x/y: No such file or "
	    "directory");
	read_row(&k, (struct job_result){ JOB_STOPPED, 0, 0, 0, 1, 2, false },
	    false, "it was stopped");
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_wild),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_running),
		cmocka_unit_test(test_secret_input),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
