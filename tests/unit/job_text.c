/* The text of meta and rc, and specs as bytes: nothing but what we wrote is
 * taken, whatever stands there. */
#include "job_help.h"

#include <limits.h>

#define NONCE "0123456789abcdef0123456789abcdef"
#define BOOT "b2b1b7a0-1b7c-4f0e-9f0a-0123456789ab"

static const struct job_meta metas[] = {
	{ BOOT, { 1234, 567890 }, { 4321, 987654 }, 1764000000123456789,
	  NONCE },
	{ BOOT, { 2, 0 }, { 0, 0 }, 0, NONCE },
	{ "unknown", { 0, 0 }, { 0, 0 }, 0, JOB_NO_NONCE },
	{ "ffffffffffffffffffffffffffffffffffffff0", { INT_MAX, ULLONG_MAX },
	  { INT_MAX, ULLONG_MAX }, INT64_MAX, NONCE },
};

static const struct job_result results[] = {
	{ JOB_EXITED, 0, 0, 0, 0, 0, false },
	{ JOB_EXITED, 255, 1, 2, 3, 4, true },
	{ JOB_SIGNALED, 9, 1 << 20, 7, 1764000000123456789,
	  1764000000123456790, false },
	{ JOB_SIGNALED, 64, 0, 0, 1, 1, true },
	{ JOB_NOT_EXECUTED, 2, 0, 0, 1, 1, false },
	{ JOB_STOPPED, 0, 5, 0, 1, 9, false },
	{ JOB_NOT_EXECUTED, 4095, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX,
	  true },
};

/* Reads from a block of exactly n bytes, so that one byte too far is seen. */
static int read_meta(const char *s, size_t n, struct job_meta *m)
{
	char *copy = malloc(n ? n : 1);
	int result;

	memcpy(copy, s, n);
	result = job_meta_read(copy, n, m);
	free(copy);
	return result;
}

static int read_rc(const char *s, size_t n, struct job_result *r)
{
	char *copy = malloc(n ? n : 1);
	int result;

	memcpy(copy, s, n);
	result = job_rc_read(copy, n, NONCE, r);
	free(copy);
	return result;
}

static void records_come_back(void **state)
{
	char meta[META_WIDTH], rc[RC_WIDTH];
	struct job_result r;
	struct job_meta m;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(metas); i++) {
		job_meta_write(&metas[i], meta);
		assert_int_equal(read_meta(meta, sizeof meta, &m), 0);
		assert_string_equal(m.boot, metas[i].boot);
		assert_int_equal(m.supervisor.pid, metas[i].supervisor.pid);
		assert_true(m.supervisor.start == metas[i].supervisor.start);
		assert_int_equal(m.command.pid, metas[i].command.pid);
		assert_true(m.command.start == metas[i].command.start);
		assert_true(m.begin == metas[i].begin);
		assert_string_equal(m.nonce, metas[i].nonce);
	}
	for (i = 0; i < COUNT(results); i++) {
		job_rc_write(&results[i], NONCE, rc);
		assert_int_equal(read_rc(rc, sizeof rc, &r), 0);
		assert_int_equal(r.outcome, results[i].outcome);
		assert_int_equal(r.status, results[i].status);
		assert_true(r.out == results[i].out);
		assert_true(r.err == results[i].err);
		assert_true(r.begin == results[i].begin);
		assert_true(r.end == results[i].end);
		assert_int_equal(r.left_behind, results[i].left_behind);
	}
}

static void records_cut_or_long_are_none(void **state)
{
	char meta[META_WIDTH + 1], rc[RC_WIDTH + 1];
	struct job_result r;
	struct job_meta m;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(metas); i++) {
		job_meta_write(&metas[i], meta);
		meta[META_WIDTH] = ' ';
		for (n = 0; n <= META_WIDTH + 1; n++)
			assert_int_equal(read_meta(meta, n, &m),
			    n == META_WIDTH ? 0 : -1);
		/* the rest is what stood there before, or nothing */
		for (n = 0; n + 1 < strcspn(meta, "\n"); n++) {
			char torn[META_WIDTH];

			memset(torn, ' ', sizeof torn);
			memcpy(torn, meta, n);
			assert_int_equal(read_meta(torn, META_WIDTH, &m), -1);
		}
	}
	for (i = 0; i < COUNT(results); i++) {
		job_rc_write(&results[i], NONCE, rc);
		rc[RC_WIDTH] = ' ';
		for (n = 0; n <= RC_WIDTH + 1; n++)
			assert_int_equal(read_rc(rc, n, &r),
			    n == RC_WIDTH ? 0 : -1);
		for (n = 0; n < strcspn(rc, "\n"); n++) {
			char torn[RC_WIDTH];

			memset(torn, ' ', sizeof torn);
			memcpy(torn, rc, n);
			assert_int_equal(read_rc(torn, RC_WIDTH, &r), -1);
		}
	}
}

static void bad_metas(void **state)
{
#define META(sup, pid, start, begin, nonce) "boot=" BOOT " sup=" sup \
	" supstart=5 pid=" pid " start=" start " begin=" begin " nonce=" \
	nonce
	static const char *const rows[] = {
		META("9", "1", "5", "0", NONCE "\n"),
		META("1", "9", "5", "0", NONCE "\n"),
		META("9", "-1", "5", "0", NONCE "\n"),
		META("9", "-9", "5", "0", NONCE "\n"),
		META("9", "", "5", "0", NONCE "\n"),
		META("9", "2147483648", "5", "0", NONCE "\n"),
		META("9", "4294967305", "5", "0", NONCE "\n"),
		META("9", "18446744073709551625", "5", "0", NONCE "\n"),
		META("9", "+9", "5", "0", NONCE "\n"),
		META("9", "09", "5", "0", NONCE "\n"),
		META("9", "0x9", "5", "0", NONCE "\n"),
		META("9", "9 ", "5", "0", NONCE "\n"),
		META("9", "$(x)", "5", "0", NONCE "\n"),
		META("$(x)", "9", "5", "0", NONCE "\n"),
		META("9", "9", "18446744073709551616", "0", NONCE "\n"),
		META("9", "9", "5", "9223372036854775808", NONCE "\n"),
		META("9", "9", "5", "-1", NONCE "\n"),
		META("9", "9", "5", "0", NONCE),
		META("9", "9", "5", "0", NONCE "0\n"),
		META("9", "9", "5", "0", "0123\n"),
		META("9", "9", "5", "0", "0123456789ABCDEF0123456789abcdef\n"),
		META("9", "9", "5", "0", "$(touch /tmp/x)89abcdef01234567\n"),
		META("9", "9", "5", "0", NONCE "\n\n"),
		META("9", "9", "5", "0", NONCE "\nx"),
		META("9", "9", "5", "0", NONCE "\r\n"),
		"boot= sup=9 supstart=5 pid=9 start=5 begin=0 nonce=" NONCE
		    "\n",
		"boot=../x sup=9 supstart=5 pid=9 start=5 begin=0 nonce="
		    NONCE "\n",
		"boot=$(x) sup=9 supstart=5 pid=9 start=5 begin=0 nonce="
		    NONCE "\n",
		" boot=0 sup=9 supstart=5 pid=9 start=5 begin=0 nonce=" NONCE
		    "\n",
		"", "\n", " ", "boot=",
	};
	static const char good[] = META("9", "9", "5", "0", NONCE "\n");
	char text[META_WIDTH];
	struct job_meta m;
	size_t i, n;

	(void)state;
	memset(text, ' ', sizeof text);
	memcpy(text, good, strlen(good));
	assert_int_equal(read_meta(text, sizeof text, &m), 0);
	for (i = 0; i < COUNT(rows); i++) {
		memset(text, ' ', sizeof text);
		memcpy(text, rows[i], strlen(rows[i]));
		if (read_meta(text, sizeof text, &m) == 0)
			fail_msg("taken: %s", rows[i]);
	}
	/* NUL at every place */
	for (i = 0; i < META_WIDTH; i++) {
		memset(text, ' ', sizeof text);
		memcpy(text, good, strlen(good));
		text[i] = '\0';
		assert_int_equal(read_meta(text, sizeof text, &m), -1);
	}
	n = 2 << 20;
	char *large = malloc(n);
	memset(large, ' ', n);
	memcpy(large, good, strlen(good));
	assert_int_equal(job_meta_read(large, n, &m), -1);
	assert_int_equal(job_rc_read(large, n, NONCE, NULL), -1);
	free(large);
#undef META
}

static void bad_rcs(void **state)
{
#define RC(rc, out, left, nonce) "rc=" rc " out=" out " err=0 begin=1 end=2 " \
	"left=" left " nonce=" nonce "\n"
	static const char *const rows[] = {
		RC("256", "0", "0", NONCE), RC("-1", "0", "0", NONCE),
		RC("00", "0", "0", NONCE), RC("", "0", "0", NONCE),
		RC("signal:0", "0", "0", NONCE),
		RC("signal:65", "0", "0", NONCE),
		RC("signal:", "0", "0", NONCE), RC("exec:0", "0", "0", NONCE),
		RC("exec:4096", "0", "0", NONCE),
		RC("stopped0", "0", "0", NONCE), RC("stop", "0", "0", NONCE),
		RC("$(x)", "0", "0", NONCE), RC("0;x", "0", "0", NONCE),
		RC("0", "9223372036854775808", "0", NONCE),
		RC("0", "-1", "0", NONCE), RC("0", "0", "2", NONCE),
		RC("0", "0", "", NONCE), RC("0", "0", "00", NONCE),
		RC("0", "0", "0", NO_SUCH_NONCE), RC("0", "0", "0", ""),
		RC("0", "0", "0", NONCE "0"), RC("0", "0", "0", NONCE "\n"),
		"rc=0", "", "\n",
	};
	static const char good[] = RC("0", "0", "0", NONCE);
	char text[RC_WIDTH];
	struct job_result r;
	size_t i;

	(void)state;
	memset(text, ' ', sizeof text);
	memcpy(text, good, strlen(good));
	assert_int_equal(read_rc(text, sizeof text, &r), 0);
	assert_int_equal(job_rc_read(text, sizeof text, NO_SUCH_NONCE, &r), -1);
	assert_int_equal(job_rc_read(text, sizeof text, "", &r), -1);
	for (i = 0; i < COUNT(rows); i++) {
		memset(text, ' ', sizeof text);
		memcpy(text, rows[i], strlen(rows[i]));
		if (read_rc(text, sizeof text, &r) == 0)
			fail_msg("taken: %s", rows[i]);
	}
#undef RC
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* A few bytes of a good text become others; what is still taken must be what
 * we would have written. */
static void fuzzed_records(void **state)
{
	static const char alphabet[] = "0123456789abcdef =:-\n$(;\0\xff";
	uint64_t seed = (uint64_t)clock_wall(clock_real()) | 1;
	char text[META_WIDTH], again[META_WIDTH];
	struct job_result r;
	struct job_meta m;
	size_t round, width;
	int changes;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (round = 0; round < 200000; round++) {
		bool meta = round % 2;

		width = meta ? META_WIDTH : RC_WIDTH;
		if (meta)
			job_meta_write(&metas[next_random(&seed) %
			    COUNT(metas)], text);
		else
			job_rc_write(&results[next_random(&seed) %
			    COUNT(results)], NONCE, text);
		for (changes = (int)(next_random(&seed) % 4); changes >= 0;
		    changes--)
			text[next_random(&seed) % width] = alphabet[
			    next_random(&seed) % sizeof alphabet];
		if (meta && job_meta_read(text, width, &m) == 0) {
			job_meta_write(&m, again);
			assert_memory_equal(text, again, width);
			assert_true(m.command.pid == 0 || m.command.pid > 1);
		}
		if (!meta && job_rc_read(text, width, NONCE, &r) == 0) {
			job_rc_write(&r, NONCE, again);
			assert_memory_equal(text, again, width);
		}
	}
}

/* ---- specs */

static const char *const some_argv[] = { "a", "", "b c", NULL };
static const char *const empty_list[] = { NULL };
static const struct job_spec specs[] = {
	{ .argv = some_argv, .env = job_env, .cwd = "/tmp", .script = "x\0y",
	  .script_len = 3, .input = "", .input_len = 0, .input_secret = true },
	{ .worker = "http", .request = "{}", .request_len = 2,
	  .env = empty_list },
	{ .argv = empty_list, .env = empty_list, .input = "in\0",
	  .input_len = 3 },
	{ .worker = NULL },
};

static void assert_same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a)
		assert_string_equal(a, b);
}

static void assert_same_bytes(const char *a, size_t an, const char *b,
    size_t bn)
{
	assert_int_equal(a == NULL, b == NULL);
	assert_int_equal(an, bn);
	if (a)
		assert_memory_equal(a, b, an);
}

static void assert_same_list(const char *const *a, const char *const *b)
{
	assert_int_equal(a == NULL, b == NULL);
	for (; a && *a; a++, b++)
		assert_string_equal(*a, *b);
	if (a)
		assert_null(*b);
}

static void specs_come_back(void **state)
{
	struct buf bytes = BUF_INIT(1 << 20);
	struct job_spec s;
	void *block;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(specs); i++) {
		const struct job_spec *want = &specs[i];

		job_spec_pack(want, &bytes);
		assert_int_equal(job_spec_unpack(bytes.data, bytes.len, &s,
		    &block), 0);
		assert_same_text(want->worker, s.worker);
		assert_same_bytes(want->request, want->request_len, s.request,
		    s.request_len);
		assert_same_list(want->argv, s.argv);
		assert_same_list(want->env, s.env);
		assert_same_text(want->cwd, s.cwd);
		assert_same_bytes(want->script, want->script_len, s.script,
		    s.script_len);
		assert_same_bytes(want->input, want->input_len, s.input,
		    s.input_len);
		assert_int_equal(want->input_secret, s.input_secret);
		free(block);
	}
	buf_free(&bytes);
}

static void specs_cut_or_fuzzed(void **state)
{
	uint64_t seed = (uint64_t)clock_wall(clock_real()) | 1;
	struct buf bytes = BUF_INIT(1 << 20);
	struct job_spec s;
	void *block;
	char *copy;
	size_t i, n, round;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (i = 0; i < COUNT(specs); i++) {
		job_spec_pack(&specs[i], &bytes);
		for (n = 0; n < bytes.len; n++) {
			copy = malloc(n ? n : 1);
			memcpy(copy, bytes.data, n);
			assert_int_equal(job_spec_unpack(copy, n, &s, &block),
			    -1);
			free(copy);
		}
		for (round = 0; round < 20000; round++) {
			copy = malloc(bytes.len);
			memcpy(copy, bytes.data, bytes.len);
			for (n = next_random(&seed) % 3; n <= 2; n++)
				copy[next_random(&seed) % bytes.len] =
				    (char)(next_random(&seed) % 2 ? 255 :
				    next_random(&seed) % 20);
			if (job_spec_unpack(copy, bytes.len, &s, &block) == 0)
				free(block);
			free(copy);
		}
	}
	buf_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(records_cut_or_long_are_none),
		cmocka_unit_test(bad_metas),
		cmocka_unit_test(bad_rcs),
		cmocka_unit_test(fuzzed_records),
		cmocka_unit_test(specs_come_back),
		cmocka_unit_test(specs_cut_or_fuzzed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
