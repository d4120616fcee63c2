#define PCRE2_CODE_UNIT_WIDTH 8

#include "base/rx.h"

#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/xalloc.h"

/* Not compiled to machine code: that would match under other limits. */
struct rx {
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *data;
	enum rx_mode mode;
};

static uint32_t options(enum rx_mode mode)
{
	uint32_t common = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;

	if (mode == RX_WHOLE)
		return common | PCRE2_ANCHORED | PCRE2_ENDANCHORED |
		    PCRE2_DOLLAR_ENDONLY;
	return common | PCRE2_MULTILINE;
}

static pcre2_code *compile(const char *pattern, size_t n, enum rx_mode mode,
    struct err *err)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_UCHAR text[256];
	PCRE2_SIZE offset;
	pcre2_code *code;
	int number;

	if (!context)
		BUG("PCRE2: no memory");
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	code = pcre2_compile((PCRE2_SPTR)(n ? pattern : ""), n, options(mode),
	    &number, &offset, context);
	pcre2_compile_context_free(context);
	if (!code) {
		pcre2_get_error_message(number, text, sizeof text);
		err_set(err, "the pattern is wrong at byte %zu: %s",
		    (size_t)offset + 1, (const char *)text);
	}
	return code;
}

struct rx *rx_compile(const char *pattern, size_t n, enum rx_mode mode,
    struct err *err)
{
	pcre2_code *code = compile(pattern, n, mode, err);
	struct rx *rx;

	if (!code)
		return NULL;
	rx = xcalloc(1, sizeof *rx);
	rx->code = code;
	rx->mode = mode;
	rx->limits = pcre2_match_context_create(NULL);
	rx->data = pcre2_match_data_create_from_pattern(code, NULL);
	if (!rx->limits || !rx->data)
		BUG("PCRE2: no memory");
	pcre2_set_match_limit(rx->limits, LIMIT_RX_MATCH);
	pcre2_set_depth_limit(rx->limits, LIMIT_RX_DEPTH);
	pcre2_set_heap_limit(rx->limits, LIMIT_RX_HEAP_KIB);
	return rx;
}

void rx_free(struct rx *rx)
{
	if (!rx)
		return;
	pcre2_match_data_free(rx->data);
	pcre2_match_context_free(rx->limits);
	pcre2_code_free(rx->code);
	free(rx);
}

unsigned rx_groups(const struct rx *rx)
{
	uint32_t count;

	pcre2_pattern_info(rx->code, PCRE2_INFO_CAPTURECOUNT, &count);
	return count;
}

static void copy_groups(const struct rx *rx, size_t *groups, size_t n_groups)
{
	const PCRE2_SIZE *found = pcre2_get_ovector_pointer(rx->data);
	size_t count = pcre2_get_ovector_count(rx->data), i;

	for (i = 0; i < 2 * n_groups; i++)
		groups[i] = i < 2 * count ? found[i] : (size_t)-1;
	/* "\K" in a look-ahead can put the beginning behind the end */
	if (n_groups && groups[0] > groups[1])
		groups[0] = groups[1];
}

/* The text must be UTF-8, and `start` no place inside of a character. */
static enum rx_answer match(const struct rx *rx, const char *s, size_t n,
    size_t start)
{
	int result = pcre2_match(rx->code, (PCRE2_SPTR)(n ? s : ""), n, start,
	    PCRE2_NO_UTF_CHECK, rx->data, rx->limits);

	if (result == PCRE2_ERROR_NOMATCH)
		return RX_NO;
	return result < 0 ? RX_LIMIT : RX_YES;
}

static bool is_inside(char c)
{
	return (c & 0xc0) == 0x80;
}

/* A copy where each byte that is no UTF-8 is the character "substitute".
 * PCRE2_MATCH_INVALID_UTF is no way out: it takes such a byte for the end of
 * the text, and "ok\xff" would match "ok" as a whole. */
static char *repair(const char *s, size_t n, size_t good)
{
	char *copy = xmalloc(n);

	memcpy(copy, s, n);
	for (; good < n; good += utf8_valid_prefix(copy + good, n - good))
		copy[good] = 0x1a;
	return copy;
}

enum rx_answer rx_match(const struct rx *rx, const char *s, size_t n,
    size_t start, size_t *groups, size_t n_groups)
{
	size_t good = utf8_valid_prefix(s, n);
	enum rx_answer answer;
	char *copy = NULL;

	if (good < n && rx->mode == RX_WHOLE)
		return RX_LIMIT;
	if (good < n)
		s = copy = repair(s, n, good);
	while (start < n && is_inside(s[start]))
		start++;
	answer = start > n ? RX_NO : match(rx, s, n, start);
	free(copy);
	if (answer == RX_YES && groups)
		copy_groups(rx, groups, n_groups);
	return answer;
}

static bool is_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

void rx_quote(struct buf *out, const char *s, size_t n)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		/* not inside of a character, only before it */
		if (!is_word(c) && !is_inside(s[i]))
			buf_addc(out, '\\');
		buf_addc(out, s[i]);
	}
}
