/* Texts out of random pieces: what is not refused never runs a value. */
#include "book_shell_run.h"

/* Scripts out of pieces. What is not refused must not run the value. */
static const char *const pieces[] = {
	X, X, X, X, X, "'", "'", "\"", "\"", "\"", "`", "`", "$(", "$(", ")",
	")", "(", "${none:-", "${none#", "${none%%", "}", "}", "<<E\n",
	"\nE\n", "<<'E'\n", "<<-E\n", "<<< ", "\\", "\n", "\n", "case a in ",
	"a) ", "esac", ";;", "#", " ", " ", "$((", "((", "))", "printf %s ",
	"printf %s ", "v=", "a[", "]", "&&", "; ", "; ", "|", "&", "$", "$'",
	"$\"", "eval ", "sh -c ", "sh ", "env ", "{ ", "[[ ", " ]]", "[ ",
	"if true; then ", "fi", "for i in ", "do ", "done", "$none", "cat ",
	"export V=", "trap ", "\t", "esac\n", "a=(", "=~ ", " -eq ", "test ",
	"function f ", "f() ", "<(", "time ", "! ", "command ", "'x'",
	"\"x\"",
};
#define PIECES (sizeof pieces / sizeof *pieces)

#define PLAIN ".zqz."        /* no name, no pattern, never glued to one */

static const char *const evil[] = {
	PLAIN,
	"x';touch PWN;\"$(touch PWN)`touch PWN`\n touch PWN\n",
	"x\";touch PWN;'$(touch PWN)`touch PWN`\nE\ntouch PWN\n",
	"a[$(touch PWN)]",
	"x);touch PWN;(};touch PWN;{\nesac;touch PWN;#",
};

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 0x7fff;
}

static size_t mix(char *out, size_t room, unsigned *seed)
{
	size_t n = 0, len, left = 3 + next_random(seed) % 14;
	const char *piece;

	while (left--) {
		piece = pieces[next_random(seed) % PIECES];
		len = strlen(piece);
		if (n + len >= room)
			break;
		memcpy(out + n, piece, len);
		n += len;
	}
	out[n] = '\0';
	return n;
}

static void run_evil(const struct shell *s, const char *source,
    const char *value, const struct buf *script)
{
	struct buf out = BUF_INIT(1 << 20);

	run(s, script, &out);
	if (access("PWN", F_OK) == 0)
		fail_msg("%s ran the value %s in\n%s\ncompiled to\n%s",
		    s->name, value, source, script->data);
	buf_free(&out);
}

/* Process numbers and the order of what runs side by side differ. */
static bool is_repeatable(const char *source)
{
	const char *p = strchr(source, '&');

	while (p && p[1] == '&')
		p = strchr(p + 2, '&');
	return !p && !strstr(source, "$$") && !strstr(source, "$!");
}

/* A plain word does the same when it is written into the text. */
static void run_plain(const struct shell *s, const char *source,
    const struct buf *script)
{
	struct buf written = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct buf want = BUF_INIT(1 << 20);
	const char *p, *from = source;

	buf_adds(&written, "set -e\n");
	for (; (p = strstr(from, X)) != NULL; from = p + strlen(X)) {
		buf_add(&written, from, (size_t)(p - from));
		buf_adds(&written, PLAIN);
	}
	buf_adds(&written, from);
	run(s, script, &out);
	run(s, &written, &want);
	if (out.len != want.len || memcmp(out.data, want.data, out.len) != 0)
		fail_msg("in %s\n%s\ncompiled to\n%s\nsays %s\nnot %s",
		    s->name, source, script->data, out.data, want.data);
	buf_free(&written);
	buf_free(&want);
	buf_free(&out);
}

static void run_mixed(struct fixture *f, const struct shell_text *text,
    const char *source, const char *value)
{
	struct scope scope = fixture_scope(f);
	struct buf script = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct value v;
	size_t s;

	f->x = value_static(value);
	if (shell_script(text, &scope, f->arena, &v, &err) == -1)
		fail_msg("%s", err.text);
	buf_add(&script, v.u.string.p, v.u.string.n);
	for (s = 0; s < 2; s++) {
		if (!is_installed(&shells[s]))
			continue;
		if (strcmp(value, PLAIN) != 0)
			run_evil(&shells[s], source, value, &script);
		else if (is_repeatable(source))
			run_plain(&shells[s], source, &script);
	}
	buf_free(&script);
}

static void mixed_text_never_runs_a_value(void **state)
{
	const char *given = getenv("CAIRN_TEST_SEED");
	const char *rounds = getenv("CAIRN_TEST_ROUNDS");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) :
	    (unsigned)getpid() * 7919u;
	long left = rounds ? strtol(rounds, NULL, 10) : 20000, ran = 0;
	long most = left / 200;
	struct shell_text text;
	struct errs errs = { 0 };
	struct fixture f;
	char source[512];
	size_t n;

	(void)state;
	print_message("CAIRN_TEST_SEED=%u\n", seed);
	for (; left > 0; left--) {
		fixture_init(&f);
		n = mix(source, sizeof source, &seed);
		if (shell_compile(f.arena, fixture_text(&f, source, n), &text,
		    &errs) == 0 && text.n && ran < most) {
			run_mixed(&f, &text, source,
			    evil[ran++ % (sizeof evil / sizeof *evil)]);
		}
		errs_free(&errs);
		fixture_free(&f);
	}
	clear_directory();
	print_message("%ld scripts were run\n", ran);
}

/* Any bytes, also those that are no shell text at all. */
static void any_bytes_are_read(void **state)
{
	unsigned seed = 4711;
	struct shell_text text;
	struct errs errs = { 0 };
	struct fixture f;
	char source[64];
	size_t n, i;
	int left;

	(void)state;
	for (left = 20000; left; left--) {
		fixture_init(&f);
		n = (size_t)snprintf(source, sizeof source, "%s", X);
		for (i = 0; i < 20; i++)
			source[n++] = " '\"`$(){}<>\\\n#;|&[]=aE\t-!"
			    [next_random(&seed) % 26];
		memmove(source + 10, source, n);
		for (i = 0; i < 10; i++)
			source[i] = "'\"`$()<\\\n a"[next_random(&seed) % 11];
		/* "${{" once more is no text of a book */
		if (!memmem(source + 20, n - 10, "${{", 3))
			shell_compile(f.arena, fixture_text(&f, source,
			    n + 10), &text, &errs);
		errs_free(&errs);
		fixture_free(&f);
	}
}

static void depth_is_limited(void **state)
{
	static const char *const open[] = { "$(", "\"$(", "${a:-", "( ",
		"a=(b ", "\"${a:-", "$((" };
	struct errs errs = { 0 };
	struct shell_text text;
	struct fixture f;
	struct buf b = BUF_INIT(1 << 20);
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof open / sizeof *open; i++) {
		fixture_init(&f);
		buf_reset(&b);
		for (k = 0; k < 20000; k++)
			buf_adds(&b, open[i]);
		buf_adds(&b, X);
		assert_int_equal(shell_compile(f.arena,
		    fixture_text(&f, b.data, b.len), &text, &errs), -1);
		errs_free(&errs);
		fixture_free(&f);
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mixed_text_never_runs_a_value),
		cmocka_unit_test(any_bytes_are_read),
		cmocka_unit_test(depth_is_limited),
	};

	return cmocka_run_group_tests(tests, enter_directory,
	    leave_directory);
}
