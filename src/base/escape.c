#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/str.h"

#define FILENAME_MAX_BYTES 100

/* Invisible characters that change the order in which others are drawn. */
static bool is_bidi(uint32_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static uint32_t decode(const unsigned char *s, size_t n)
{
	uint32_t c = n == 1 ? s[0] : s[0] & (0x7f >> n);
	size_t i;

	for (i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

static void escape_char(struct buf *out, const char *s, size_t n, bool line)
{
	uint32_t c = decode((const unsigned char *)s, n);

	if (c == '\n' || c == '\t') {
		if (line)
			buf_adds(out, c == '\n' ? "\\n" : "\\t");
		else
			buf_addc(out, (char)c);
	} else if (c < 0x20 || c == 0x7f) {
		buf_addf(out, "\\x%02x", (unsigned)c);
	} else if ((c >= 0x80 && c <= 0x9f) || is_bidi(c)) {
		buf_addf(out, "\\u%04x", (unsigned)c);
	} else {
		buf_add(out, s, n);
	}
}

/* How many bytes at s can go out as they are: printable ASCII. */
static size_t plain_run(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] < 0x20 || s[i] == 0x7f)
			break;
	}
	return i;
}

static void escape(struct buf *out, const char *s, size_t n, bool line)
{
	size_t run;

	while (n) {
		run = plain_run(s, n);
		if (run) {
			buf_add(out, s, run);
		} else if ((run = utf8_char_len(s, n))) {
			escape_char(out, s, run, line);
		} else {
			run = 1;
			buf_addf(out, "\\x%02x", (unsigned char)*s);
		}
		s += run;
		n -= run;
	}
}

void escape_terminal(struct buf *out, const char *s, size_t n)
{
	escape(out, s, n, false);
}

void escape_line(struct buf *out, const char *s, size_t n)
{
	escape(out, s, n, true);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

/* "~" and "#" begin something, "=" makes an assignment: only inside a word. */
static bool needs_no_quotes(const char *s, size_t n)
{
	size_t i;

	if (n == 0)
		return false;
	for (i = 0; i < n; i++) {
		if (!is_word(s[i]) && !is_in(s[i], "_-./:,@%+"))
			return false;
	}
	return true;
}

void quote_shell(struct buf *out, const char *s, size_t n)
{
	size_t i, from = 0;

	buf_addc(out, '\'');
	for (i = 0; i < n; i++) {
		if (s[i] != '\'')
			continue;
		buf_add(out, s + from, i - from);
		buf_adds(out, "'\\''");
		from = i + 1;
	}
	buf_add(out, s + from, n - from);
	buf_addc(out, '\'');
}

void escape_shell(struct buf *out, const char *s, size_t n)
{
	if (needs_no_quotes(s, n))
		buf_add(out, s, n);
	else
		quote_shell(out, s, n);
}

static void filename_digest(struct buf *out, const char *s, size_t n)
{
	char hex[DIGEST_HEX + 1];

	/* No encoded name contains "%s", so no two names become one. */
	sha256_hex(s, n, hex);
	buf_addf(out, "%%sha256-%s", hex);
}

void escape_filename(struct buf *out, const char *s, size_t n)
{
	struct buf name = BUF_INIT(FILENAME_MAX_BYTES);
	bool dots = n <= 2 && memcmp(s, "..", n) == 0;
	size_t i;

	for (i = 0; i < n && !name.cut; i++) {
		if (is_word(s[i]) || is_in(s[i], "_-") ||
		    (s[i] == '.' && i > 0))
			buf_addc(&name, s[i]);
		else
			buf_addf(&name, "%%%02X", (unsigned char)s[i]);
	}
	if (dots || name.cut)
		filename_digest(out, s, n);
	else
		buf_add(out, name.data, name.len);
	buf_free(&name);
}
