#include "journal_tmp.h"

#include "base/buf.h"
#include "journal/fold.h"

/* A record as a row: what `apply` must say of it, and what follows. */
struct row {
	enum record_type type;
	const char *step;
	const char *payload;         /* JSON, or NULL */
	const char *error;           /* part of the message, or NULL: taken */
	int state;                   /* of the step after it; -1: do not look */
};

#define S RECORD_STEP_START, "a"
#define E RECORD_STEP_END, "a"
#define A1 "{\"attempt\":1,\"slot\":3}"
#define DONE "{\"attempt\":1,\"state\":\"done\"}"
#define FAILED "{\"attempt\":1,\"state\":\"failed\"}"
#define UNKNOWN "{\"attempt\":1,\"state\":\"unknown\"}"
#define STOPPED "{\"attempt\":1,\"state\":\"stopped\"}"
#define VOID RECORD_VOID, "", "{\"addresses\":[\"a\"]}"

static int apply(struct fold *f, const struct row *row, uint64_t n,
    struct err *err)
{
	struct buf line = BUF_INIT(10000);
	char zeros[DIGEST_HEX + 1];
	struct record r;
	json_t *payload = row->payload ?
	    json_loads(row->payload, 0, NULL) : NULL;
	int result;

	assert_true(!row->payload || payload);
	memset(zeros, '0', DIGEST_HEX);
	zeros[DIGEST_HEX] = '\0';
	record_write(&line, n, zeros, (nsec)n * NSEC_PER_SEC, row->type,
	    row->step, payload);
	assert_int_equal(record_scan(line.data, line.len - 1, &r, err), 0);
	r.offset = n * 1000;
	result = fold_apply(f, &r, err);
	json_decref(payload);
	buf_free(&line);
	return result;
}

/* Applies rows after the first record; all but the last one are legal unless
 * they name an error. */
static struct fold *play(const struct row *rows, size_t n)
{
	static const struct row first = { RECORD_RUN, "", "{}", NULL, -1 };
	struct fold *f = fold_new();
	struct err err = ERR_INIT;
	size_t i;
	int result;

	assert_int_equal(apply(f, &first, 1, &err), 0);
	for (i = 0; i < n; i++) {
		result = apply(f, &rows[i], fold_records(f) + 1, &err);
		if (rows[i].error) {
			if (result == 0)
				fail_msg("row %zu was taken", i);
			assert_error(&err, rows[i].error);
			continue;
		}
		if (result < 0)
			fail_msg("row %zu: %s", i, err.text);
		if (rows[i].state >= 0 && (int)fold_find(f, "a")->state !=
		    rows[i].state)
			fail_msg("row %zu: %s", i, step_state_name(
			    fold_find(f, "a")->state));
	}
	return f;
}
#define PLAY(rows) play(rows, sizeof(rows) / sizeof *(rows))

static void names(void **state)
{
	const char *name;
	int i;

	(void)state;
	for (i = 0; i < STEP_STATES; i++) {
		name = step_state_name((enum step_state)i);
		assert_int_equal(step_state_parse(name, strlen(name)), i);
	}
	for (i = 0; i < RUN_STATES; i++) {
		name = run_state_name((enum run_state)i);
		assert_int_equal(run_state_parse(name, strlen(name)), i);
	}
	assert_int_equal(step_state_parse("don", 3), -1);
	assert_int_equal(run_state_parse("", 0), -1);
}

/* The whole table, written down once more as text. */
static void table(void **state)
{
	static const char *const legal[STEP_STATES] = {
		[STEP_PENDING] = "waiting running done failed skipped",
		[STEP_WAITING] = "pending running done failed skipped "
		    "stopping unknown",
		[STEP_RUNNING] = "waiting done failed unknown stopping "
		    "skipped undone",
		[STEP_STOPPING] = "stopped done failed unknown",
		[STEP_DONE] = "pending undone unknown",
		[STEP_FAILED] = "pending done skipped undone",
		[STEP_SKIPPED] = "pending",
		[STEP_UNKNOWN] = "pending done skipped undone",
		[STEP_STOPPED] = "pending done skipped undone",
		[STEP_UNDONE] = "pending",
	};
	char list[200], word[20];
	int from, to;

	(void)state;
	for (from = 0; from < STEP_STATES; from++) {
		snprintf(list, sizeof list, " %s ", legal[from]);
		for (to = 0; to < STEP_STATES; to++) {
			snprintf(word, sizeof word, " %s ",
			    step_state_name((enum step_state)to));
			assert_int_equal(strstr(list, word) != NULL,
			    step_move_legal((enum step_state)from,
			    (enum step_state)to));
		}
	}
}

static void life(void **state)
{
	static const struct row rows[] = {
		{ RECORD_DRIVER, "", "{\"epoch\":2}", NULL, -1 },
		{ S, A1, NULL, STEP_RUNNING },
		{ E, DONE, NULL, STEP_DONE },
	};
	struct fold *f = PLAY(rows);
	const struct fold_step *s = fold_find(f, "a");

	(void)state;
	assert_int_equal(fold_count(f), 1);
	assert_ptr_equal(fold_at(f, 0), s);
	assert_null(fold_find(f, "b"));
	assert_int_equal(s->attempt, 1);
	assert_int_equal(s->slot, 3);
	assert_int_equal(s->started, 3 * NSEC_PER_SEC);
	assert_int_equal(s->ended, 4 * NSEC_PER_SEC);
	assert_int_equal(s->start, 3001);
	assert_int_equal(s->end, 4001);
	assert_int_equal(fold_epoch(f), 2);
	assert_int_equal(fold_records(f), 4);
	assert_int_equal(fold_first_at(f), NSEC_PER_SEC);
	assert_int_equal(fold_last_at(f), 4 * NSEC_PER_SEC);
	assert_int_equal(fold_last(f, RECORD_STEP_END), 4001);
	assert_int_equal(fold_last(f, RECORD_LOOK), 0);
	fold_free(f);
}

/* Crash, lost attempt, a new one; retries; stops that go on. */
static void attempts(void **state)
{
	static const struct row rows[] = {
		{ S, A1, NULL, STEP_RUNNING },
		{ S, A1, "no attempt number that is new", -1 },
		{ S, "{\"attempt\":0}", "no attempt number", -1 },
		{ S, "{}", "no attempt number", -1 },
		{ S, "{\"attempt\":2}", NULL, STEP_RUNNING },
		{ E, DONE, "ends another attempt", STEP_RUNNING },
		{ RECORD_STEP_STOP, "a", NULL, NULL, STEP_STOPPING },
		{ RECORD_STEP_STOP, "a", NULL, NULL, STEP_STOPPING },
		{ S, "{\"attempt\":3}", "is stopping, not to be running", -1 },
		{ E, STOPPED, "ends another attempt", -1 },
		{ E, "{\"attempt\":2,\"state\":\"stopped\"}", NULL,
		    STEP_STOPPED },
		{ S, "{\"attempt\":3}", "is stopped, not to be running", -1 },
		{ VOID, NULL, STEP_PENDING },
		{ VOID, NULL, STEP_PENDING },
		{ S, "{\"attempt\":2}", "no attempt number", -1 },
		{ S, "{\"attempt\":3}", NULL, STEP_RUNNING },
		{ E, "{\"state\":\"failed\"}", NULL, STEP_FAILED },
	};
	struct fold *f = PLAY(rows);

	(void)state;
	assert_int_equal(fold_find(f, "a")->attempt, 3);
	assert_int_equal(fold_find(f, "a")->slot, -1);
	fold_free(f);
}

static void gates(void **state)
{
	static const struct row rows[] = {
		{ RECORD_ASK, "a", "{\"kind\":\"gate\"}", NULL, STEP_WAITING },
		{ RECORD_DECIDE, "a", "{\"what\":\"answer\"}", NULL,
		    STEP_WAITING },
		{ RECORD_ASK, "a", "{}", NULL, STEP_WAITING },
		{ RECORD_DECIDE, "a", "{}", "what was decided", -1 },
		{ E, "{\"state\":\"done\"}", NULL, STEP_DONE },
		{ RECORD_STEP_SKIP, "a", "{\"state\":\"skipped\"}",
		    "is done, not to be skipped", -1 },
		{ RECORD_ASK, "a", "{}", NULL, STEP_DONE },
		{ RECORD_DECIDE, "a", "{\"what\":\"keep\"}", NULL, STEP_DONE },
		{ RECORD_ASK, "", "{}", NULL, -1 },
		{ RECORD_DECIDE, "", "{\"what\":\"take\"}", NULL, -1 },
	};
	struct fold *f = PLAY(rows);

	(void)state;
	assert_int_equal(fold_count(f), 1);
	fold_free(f);
}

static void decides(void **state)
{
	static const struct row rows[] = {
		{ S, A1, NULL, -1 }, { E, UNKNOWN, NULL, STEP_UNKNOWN },
		{ RECORD_DECIDE, "a", "{\"what\":\"done\"}", NULL,
		    STEP_UNKNOWN },
		{ E, "{\"state\":\"done\"}", NULL, STEP_DONE },
		{ E, "{\"state\":\"undone\"}", NULL, STEP_UNDONE },
		{ VOID, NULL, STEP_PENDING },
		{ RECORD_DECIDE, "a", "{\"what\":\"skip\"}", NULL,
		    STEP_PENDING },
		{ RECORD_STEP_SKIP, "a", "{\"state\":\"skipped\"}", NULL,
		    STEP_SKIPPED },
	};

	(void)state;
	fold_free(PLAY(rows));
}

static void prompts(void **state)
{
	static const struct row rows[] = {
		{ RECORD_ASK, "a", "{}", NULL, STEP_WAITING },
		{ RECORD_PROMPT, "a", "{}", NULL, STEP_WAITING },
		{ S, A1, NULL, STEP_RUNNING },
		{ RECORD_ASK, "a", "{\"kind\":\"prompt\"}", NULL,
		    STEP_WAITING },
		{ RECORD_PROMPT, "a", "{}", NULL, STEP_RUNNING },
		{ RECORD_ASK, "a", "{}", NULL, STEP_WAITING },
		{ E, UNKNOWN, NULL, STEP_UNKNOWN },
	};

	(void)state;
	fold_free(PLAY(rows));
}

static void skips(void **state)
{
	static const struct row rows[] = {
		{ RECORD_STEP_SKIP, "a", "{\"state\":\"skipped\",\"why\":"
		    "\"when\"}", NULL, STEP_SKIPPED },
		{ S, A1, "is skipped, not to be running", -1 },
		{ VOID, NULL, STEP_PENDING },
		{ RECORD_STEP_SKIP, "a", "{\"state\":\"running\"}",
		    "no state that ends a step", -1 },
		{ RECORD_STEP_SKIP, "a", "{\"state\":\"x\"}",
		    "no state that ends a step", -1 },
		{ RECORD_STEP_SKIP, "a", "{\"state\":\"done\"}", NULL,
		    STEP_DONE },
		{ RECORD_STEP_SKIP, "", "{\"state\":\"done\"}",
		    "names no step", -1 },
		{ RECORD_VOID, "", "{}", "has no addresses", -1 },
		{ RECORD_VOID, "", "{\"addresses\":[1]}", "no text", -1 },
	};

	(void)state;
	fold_free(PLAY(rows));
}

static void voids(void **state)
{
	static const struct row rows[] = {
		{ S, A1, NULL, -1 }, { E, FAILED, NULL, -1 },
		{ RECORD_DECIDE, "a", "{\"what\":\"retry\"}", NULL, -1 },
		{ VOID, NULL, STEP_PENDING },
	};
	static const struct row running[] = {
		{ S, A1, NULL, -1 },
		{ VOID, "is running, not to be pending", STEP_RUNNING },
	};
	struct fold *f = PLAY(rows);

	(void)state;
	assert_true(fold_find(f, "a")->void_);
	assert_int_equal(fold_find(f, "a")->decide, 0);
	assert_int_not_equal(fold_find(f, "a")->end, 0);
	fold_free(f);
	fold_free(PLAY(running));
}

static void runs(void **state)
{
	static const struct {
		struct row row;
		enum run_state then;
	} rows[] = {
		{ { RECORD_DRIVER, "", "{\"epoch\":1}", NULL, -1 },
		    RUN_RUNNING },
		{ { RECORD_SLEEP, "", "{}", NULL, -1 }, RUN_WAITING },
		{ { RECORD_DRIVER, "", "{\"epoch\":0}", "epoch that is over",
		    -1 }, RUN_WAITING },
		{ { RECORD_DRIVER, "", "{\"epoch\":1}", NULL, -1 },
		    RUN_RUNNING },
		{ { RECORD_PAUSE, "", "{}", NULL, -1 }, RUN_PAUSED },
		{ { RECORD_RUN_END, "", "{\"state\":\"failed\"}", NULL, -1 },
		    RUN_FAILED },
		{ { RECORD_RUN_END, "", "{\"state\":\"x\"}", "state of a run",
		    -1 }, RUN_FAILED },
		{ { RECORD_RUN, "", "{}", "begins the run again", -1 },
		    RUN_FAILED },
		{ { RECORD_RUN_END, "", "{\"state\":\"closed\"}", NULL, -1 },
		    RUN_CLOSED },
		{ { RECORD_DRIVER, "", "{\"epoch\":3}", "run was closed", -1 },
		    RUN_CLOSED },
		{ { S, A1, "run was closed", -1 }, RUN_CLOSED },
		{ { RECORD_NOTE, "", "{}", NULL, -1 }, RUN_CLOSED },
	};
	struct fold *f = play(NULL, 0);
	struct err err = ERR_INIT;
	size_t i;
	int result;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		result = apply(f, &rows[i].row, fold_records(f) + 1, &err);
		assert_int_equal(result < 0, rows[i].row.error != NULL);
		if (result < 0)
			assert_error(&err, rows[i].row.error);
		assert_int_equal(fold_state(f), rows[i].then);
	}
	fold_free(f);
}

static void order(void **state)
{
	static const struct row note = { RECORD_NOTE, "", "{}", NULL, -1 };
	static const struct row run = { RECORD_RUN, "", "{}", NULL, -1 };
	struct fold *f = fold_new();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(apply(f, &note, 1, &err), -1);
	assert_error(&err, "not the beginning of a run");
	assert_int_equal(apply(f, &run, 1, &err), 0);
	assert_int_equal(apply(f, &note, 3, &err), -1);
	assert_error(&err, "is not the next one");
	fold_free(f);
}

#define NONCE(c) "{\"what\":\"answer\",\"nonce\":\"" c \
	"0123456789abcdef0123456789abcde\"}"

static void nonces(void **state)
{
	static const struct row rows[] = {
		{ RECORD_DECIDE, "a", NONCE("1"), NULL, -1 },
		{ RECORD_PAUSE, "", NONCE("2"), NULL, -1 },
		{ RECORD_REFUSED, "", NONCE("3"), NULL, -1 },
		{ RECORD_NOTE, "", NONCE("4"), NULL, -1 },
		{ S, "{\"attempt\":1,\"nonce\":"
		    "\"50123456789abcdef0123456789abcde\"}", NULL, -1 },
		{ RECORD_NOTE, "", "{\"nonce\":\"6\"}", NULL, -1 },
	};
	struct fold *f = PLAY(rows);
	char nonce[] = "x0123456789abcdef0123456789abcde";
	char c;

	(void)state;
	for (c = '1'; c <= '6'; c++) {
		nonce[0] = c;
		assert_int_equal(fold_nonce_taken(f, nonce), c <= '4');
	}
	assert_false(fold_nonce_taken(f, "6"));
	fold_free(f);
}

/* Keys of items are any text; the same step under any name of it. */
static void addresses(void **state)
{
	static const char *const names_[] = {
		"d[a].run", "d[\"q\"].run", "d[\\]", "d[\t]",
		"d[\xc3\xa9\xe2\x80\xae]", "x!undo",
	};
	struct fold *f = play(NULL, 0);
	struct err err = ERR_INIT;
	struct row row = { .payload = A1 };
	json_t *list;
	char *payload;
	size_t i, n = sizeof names_ / sizeof *names_;

	(void)state;
	for (i = 0; i < n; i++) {
		row = (struct row){ RECORD_STEP_START, names_[i], A1, NULL, 0 };
		assert_int_equal(apply(f, &row, fold_records(f) + 1, &err), 0);
		row = (struct row){ RECORD_STEP_END, names_[i], DONE, NULL, 0 };
		assert_int_equal(apply(f, &row, fold_records(f) + 1, &err), 0);
	}
	assert_int_equal(fold_count(f), n);
	list = json_object();
	json_object_set_new(list, "addresses", json_array());
	for (i = 0; i < n; i++) {
		assert_string_equal(fold_at(f, i)->address, names_[i]);
		assert_ptr_equal(fold_find(f, names_[i]), fold_at(f, i));
		json_array_append_new(json_object_get(list, "addresses"),
		    json_string(names_[i]));
	}
	payload = json_dumps(list, 0);
	row = (struct row){ RECORD_VOID, "", payload, NULL, 0 };
	assert_int_equal(apply(f, &row, fold_records(f) + 1, &err), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(fold_at(f, i)->state, STEP_PENDING);
	assert_int_equal(fold_count(f), n);
	free(payload);
	json_decref(list);
	fold_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(table),
		cmocka_unit_test(life), cmocka_unit_test(attempts),
		cmocka_unit_test(gates), cmocka_unit_test(decides),
		cmocka_unit_test(prompts), cmocka_unit_test(skips),
		cmocka_unit_test(voids), cmocka_unit_test(runs),
		cmocka_unit_test(order), cmocka_unit_test(nonces),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests_name("journal_fold", tests, NULL, NULL);
}
