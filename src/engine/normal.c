#include "engine/normal.h"

#include <string.h>

#include "base/buf.h"

/* Length of the escape sequence at s (ECMA-48: CSI, OSC and the like, two
 * characters otherwise), at least 1, at most n. */
static size_t
escape_length(const char *s, size_t n)
{
	size_t i = 2;

	if (n < 2)
		return n;
	if (s[1] == '[') {
		while (i < n && (unsigned char)s[i] >= 0x20 &&
		    (unsigned char)s[i] < 0x40)
			i++;
		return i < n ? i + 1 : n;
	}
	if (strchr("]PX^_", s[1]) == NULL)
		return 2;
	/* a string: to BEL or ESC \, but never past the line */
	for (; i < n && s[i] != '\n'; i++) {
		if (s[i] == '\a')
			return i + 1;
		if (s[i] == '\033' && i + 1 < n && s[i + 1] == '\\')
			return i + 2;
	}
	return i;
}

void
normal_text(struct buf *out, const char *s, size_t n)
{
	size_t line = out->len;     /* where the current line begins in out */
	size_t i = 0;

	while (i < n) {
		size_t plain = i;

		while (i < n && s[i] != '\033' && s[i] != '\r' && s[i] != '\n')
			i++;
		buf_add(out, s + plain, i - plain);
		if (i == n)
			break;
		if (s[i] == '\n') {
			buf_addc(out, '\n');
			line = out->len;
			i++;
		} else if (s[i] == '\033') {
			i += escape_length(s + i, n - i);
		} else {
			while (i < n && s[i] == '\r')
				i++;
			/* what follows overwrites the line; at the end, or
			 * before a newline, it overwrites nothing */
			if (i < n && s[i] != '\n')
				buf_truncate(out, line);
		}
	}
}
