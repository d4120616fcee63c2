#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* Never written to: it is only the NUL of buffers that own no memory. */
char buf_empty[1];

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf)BUF_INIT(max);
}

void buf_free(struct buf *b)
{
	if (b->cap)
		free(b->data);
	buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
	buf_truncate(b, 0);
	b->cut = false;
}

/* Makes room for n bytes and a NUL; returns how many of them fit. */
static size_t reserve(struct buf *b, size_t n)
{
	size_t need, cap;

	if (n > b->max - b->len) {
		n = b->max - b->len;
		b->cut = true;
	}
	need = b->len + n + 1;
	if (n == 0 || need <= b->cap)
		return n;
	cap = b->cap ? b->cap * 2 : 64;
	if (cap < need)
		cap = need;
	b->data = xrealloc(b->cap ? b->data : NULL, cap);
	b->cap = cap;
	return n;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	n = reserve(b, n);
	if (n == 0)
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_vaddf(struct buf *b, const char *format, va_list args)
{
	char small[256], *large;
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(small, sizeof small, format, args);
	if (n < 0)
		BUG("buf: format '%s' failed", format);
	if ((size_t)n < sizeof small) {
		buf_add(b, small, (size_t)n);
	} else {
		large = xvasprintf(format, again);
		buf_add(b, large, (size_t)n);
		free(large);
	}
	va_end(again);
}

void buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vaddf(b, format, args);
	va_end(args);
}

void buf_drop(struct buf *b, size_t n)
{
	if (n > b->len)
		BUG("buf: drop %zu of %zu bytes", n, b->len);
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n + 1);
	b->len -= n;
}

void buf_truncate(struct buf *b, size_t n)
{
	if (n > b->len)
		BUG("buf: cut %zu bytes to %zu", b->len, n);
	b->len = n;
	if (b->cap)
		b->data[n] = '\0';
}

char *buf_detach(struct buf *b, size_t *len)
{
	char *data = b->cap ? b->data : xstrdup("");

	if (len)
		*len = b->len;
	buf_init(b, b->max);
	return data;
}
