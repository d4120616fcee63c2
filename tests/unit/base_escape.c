#include "base_test.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/escape.h"
#include "base/str.h"

typedef void escaper(struct buf *out, const char *s, size_t n);

struct row {
	const char *text;
	const char *escaped;
};

static void check_rows(const struct row *rows, size_t n, escaper *escape)
{
	struct buf b = BUF_INIT(1000);
	size_t i;

	for (i = 0; i < n; i++) {
		buf_reset(&b);
		escape(&b, rows[i].text, strlen(rows[i].text));
		assert_string_equal(b.data, rows[i].escaped);
	}
	buf_free(&b);
}

static size_t encode(uint32_t c, char s[4])
{
	if (c < 0x80) {
		s[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 0x3f));
		s[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	s[0] = (char)(0xf0 | c >> 18);
	s[1] = (char)(0x80 | (c >> 12 & 0x3f));
	s[2] = (char)(0x80 | (c >> 6 & 0x3f));
	s[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* What security.md T1 lists, written down a second time. */
static bool is_dangerous(uint32_t c)
{
	static const uint32_t bidi[] = { 0x61c, 0x200e, 0x200f, 0x202a, 0x202b,
		0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069 };
	size_t i;

	for (i = 0; i < COUNT(bidi); i++) {
		if (c == bidi[i])
			return true;
	}
	return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

static void every_code_point(void **state)
{
	struct buf b = BUF_INIT(100);
	char s[4], expected[16];
	uint32_t c;
	size_t n;

	(void)state;
	for (c = 0; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		n = encode(c, s);
		buf_reset(&b);
		escape_terminal(&b, s, n);
		if (c == '\n' || c == '\t' || !is_dangerous(c)) {
			assert_int_equal(b.len, n);
			assert_memory_equal(b.data, s, n);
			continue;
		}
		snprintf(expected, sizeof expected,
		    c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
		assert_string_equal(b.data, expected);
	}
	buf_free(&b);
}

/* Nothing that comes out is a control or invalid, whatever goes in. */
static void every_pair_of_bytes(void **state)
{
	struct buf b = BUF_INIT(100);
	char s[3];
	size_t i;
	int x, y;

	(void)state;
	for (x = 0; x < 256; x++) {
		for (y = 0; y < 256; y++) {
			s[0] = (char)x;
			s[1] = (char)y;
			s[2] = '\x9b';
			buf_reset(&b);
			escape_line(&b, s, sizeof s);
			assert_true(utf8_valid(b.data, b.len));
			for (i = 0; i < b.len; i++) {
				assert_true((unsigned char)b.data[i] >= 0x20);
				assert_int_not_equal(b.data[i], 0x7f);
			}
		}
	}
	buf_free(&b);
}

static void for_terminals(void **state)
{
	static const struct row rows[] = {
		{ "", "" }, { "plain \xc3\xbc", "plain \xc3\xbc" },
		{ "a\nb\tc", "a\nb\tc" },
		{ "\033[1A\033[2K", "\\x1b[1A\\x1b[2K" },
		{ "\xc2\x9b" "31m", "\\u009b31m" }, { "\x9b", "\\x9b" },
		{ "a\rb", "a\\x0db" }, { "\xe2\x80\xae", "\\u202e" },
		{ "\xe2\x80", "\\xe2\\x80" },
		{ "\xff\xc3\xbc", "\\xff\xc3\xbc" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	};
	static const struct row lines[] = {
		{ "a\nb\tc", "a\\nb\\tc" }, { "\033", "\\x1b" },
	};

	(void)state;
	check_rows(rows, COUNT(rows), escape_terminal);
	check_rows(lines, COUNT(lines), escape_line);
}

static void for_shells(void **state)
{
	static const struct row rows[] = {
		{ "", "''" }, { "abc", "abc" }, { "/a/b-c_d.e", "/a/b-c_d.e" },
		{ "k@h:1,2%3+4", "k@h:1,2%3+4" }, { "a b", "'a b'" },
		{ "a=b", "'a=b'" }, { "~", "'~'" }, { "#x", "'#x'" },
		{ "it's", "'it'\\''s'" }, { "$(id)", "'$(id)'" },
		{ "'", "''\\'''" }, { "a\nb", "'a\nb'" }, { "*", "'*'" },
		{ "\xc3\xbc", "'\xc3\xbc'" }, { "{a,b}", "'{a,b}'" },
	};
	static const struct row quoted[] = {
		{ "", "''" }, { "abc", "'abc'" }, { "it's", "'it'\\''s'" },
	};

	(void)state;
	check_rows(rows, COUNT(rows), escape_shell);
	check_rows(quoted, COUNT(quoted), quote_shell);
}

/* The shell itself says that a word came through as it was. */
static void check_shell(const char *shell, const char *word)
{
	struct buf script = BUF_INIT(1000), got = BUF_INIT(1000);
	char chunk[100];
	int pipefd[2], status;
	ssize_t n;
	pid_t pid;

	buf_adds(&script, "printf %s ");
	escape_shell(&script, word, strlen(word));
	assert_int_equal(pipe(pipefd), 0);
	pid = fork();
	if (pid == 0) {
		dup2(pipefd[1], 1);
		close(pipefd[0]);
		close(pipefd[1]);
		execlp(shell, shell, "-c", script.data, (char *)NULL);
		_exit(127);
	}
	close(pipefd[1]);
	while ((n = read(pipefd[0], chunk, sizeof chunk)) > 0)
		buf_add(&got, chunk, (size_t)n);
	close(pipefd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 127 << 8)
		assert_string_equal(got.data, word);
	buf_free(&script);
	buf_free(&got);
}

static void shells_agree(void **state)
{
	static const char *const shells[] = { "sh", "dash", "bash" };
	static const char *const words[] = { "$(id)", "`id`", "a'b\"c", "\\",
		"a\nb", "!!", "*", "~root", "a b  c", "-n", "&&", "$HOME",
		"{1..3}", "'", "''", "\xff\xfe", "a;b", "\\n" };
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(shells); i++) {
		for (j = 0; j < COUNT(words); j++)
			check_shell(shells[i], words[j]);
	}
}

static void for_file_names(void **state)
{
	static const struct row rows[] = {
		{ "step_1", "step_1" }, { "A-b.c", "A-b.c" },
		{ "a/b", "a%2Fb" }, { "../../x", "%2E.%2F..%2Fx" },
		{ ".hidden", "%2Ehidden" }, { "...", "%2E.." },
		{ "a%2Fb", "a%252Fb" }, { "a b\n", "a%20b%0A" },
		{ "\xc3\xbc", "%C3%BC" }, { "-x", "-x" },
	};
	static const char *const digested[] = { "", ".", ".." };
	struct buf b = BUF_INIT(1000);
	char hex[DIGEST_HEX + 1], longest[102];
	size_t i;

	(void)state;
	check_rows(rows, COUNT(rows), escape_filename);
	for (i = 0; i < COUNT(digested); i++) {
		buf_reset(&b);
		escape_filename(&b, digested[i], strlen(digested[i]));
		sha256_hex(digested[i], strlen(digested[i]), hex);
		assert_int_equal(b.len, 8 + DIGEST_HEX);
		assert_string_equal(b.data + 8, hex);
	}
	memset(longest, 'a', sizeof longest);
	buf_reset(&b);
	escape_filename(&b, longest, 100);
	assert_int_equal(b.len, 100);
	buf_reset(&b);
	escape_filename(&b, longest, 101);
	assert_true(str_has_prefix(b.data, "%sha256-"));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point),
		cmocka_unit_test(every_pair_of_bytes),
		cmocka_unit_test(for_terminals),
		cmocka_unit_test(for_shells),
		cmocka_unit_test(shells_agree),
		cmocka_unit_test(for_file_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
