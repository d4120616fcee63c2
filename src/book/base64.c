#include "book/base64.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buf *out, const char *s, size_t n)
{
	unsigned char in[3];
	char group[4];
	size_t take, i;
	uint32_t bits;

	for (; n; s += take, n -= take) {
		take = n < 3 ? n : 3;
		memset(in, 0, sizeof in);
		memcpy(in, s, take);
		bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
		for (i = 0; i < 4; i++)
			group[i] = i > take ? '=' :
			    letters[bits >> (18 - 6 * i) & 63];
		buf_add(out, group, sizeof group);
	}
}

/* The bits of one group of four; the number of its bytes, 0: no base64. */
static size_t read_group(const char *s, uint32_t *bits)
{
	const char *letter;
	size_t i, n = 3;

	*bits = 0;
	for (i = 0; i < 4; i++) {
		*bits <<= 6;
		if (s[i] == '=' && i >= 2 && s[3] == '=') {
			n = n < i - 1 ? n : i - 1;
			continue;
		}
		letter = s[i] && n == 3 ? strchr(letters, s[i]) : NULL;
		if (!letter)
			return 0;
		*bits |= (uint32_t)(letter - letters);
	}
	return n;
}

int base64_read(struct buf *out, const char *s, size_t n)
{
	size_t i, bytes = 3;
	uint32_t bits;

	if (n % 4)
		return -1;
	for (; n; s += 4, n -= 4) {
		if (bytes < 3)
			return -1;
		bytes = read_group(s, &bits);
		if (bytes == 0)
			return -1;
		for (i = 0; i < bytes; i++)
			buf_addc(out, (char)(bits >> (16 - 8 * i) & 255));
	}
	return 0;
}
