#include "base/str.h"

#include <string.h>

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The second byte is where overlong forms, surrogates and what lies beyond
 * U+10FFFF give themselves away (Unicode, table 3-7). */
static bool second_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0: return second >= 0xa0;
	case 0xed: return second < 0xa0;
	case 0xf0: return second >= 0x90;
	case 0xf4: return second < 0x90;
	default: return true;
	}
}

size_t utf8_char_len(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n < len || !second_fits(s[0], s[1]))
		return 0;
	for (i = 1; i < len; i++) {
		if (!is_continuation(s[i]))
			return 0;
	}
	return len;
}

static size_t step(const char *s, size_t n)
{
	size_t len = utf8_char_len(s, n);

	return len ? len : 1;
}

size_t utf8_count(const char *s, size_t n)
{
	size_t count = 0, at;

	for (at = 0; at < n; at += step(s + at, n - at))
		count++;
	return count;
}

size_t utf8_skip(const char *s, size_t n, size_t chars)
{
	size_t at = 0;

	for (; chars && at < n; chars--)
		at += step(s + at, n - at);
	return at;
}

size_t utf8_valid_prefix(const char *s, size_t n)
{
	size_t i = 0, len;
	uint64_t word;

	while (i < n) {
		if (n - i >= sizeof word) {
			memcpy(&word, s + i, sizeof word);
			if ((word & 0x8080808080808080) == 0) {
				i += sizeof word;
				continue;
			}
		}
		len = utf8_char_len(s + i, n - i);
		if (len == 0)
			break;
		i += len;
	}
	return i;
}
