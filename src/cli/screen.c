#include "cli/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"

/* Smaller than this nothing is drawn but finished lines. */
#define MIN_COLUMNS 20
#define MIN_ROWS 5

struct screen {
	int fd;
	bool dim;                    /* NO_COLOR does not stand in the way */
	struct buf shown;            /* the lines of the block as drawn */
	size_t rows, columns;        /* of the window, now */
};

static void
measure(struct screen *s)
{
	struct winsize w;

	s->rows = 24;
	s->columns = 80;
	if (ioctl(s->fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 && w.ws_row > 0) {
		s->rows = w.ws_row;
		s->columns = w.ws_col;
	}
}

struct screen *
screen_new(int fd)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	struct screen *s;

	if (!isatty(fd) || term == NULL || term[0] == '\0' ||
	    strcmp(term, "dumb") == 0)
		return NULL;
	s = xcalloc(1, sizeof *s);
	s->fd = fd;
	s->dim = no_color == NULL || no_color[0] == '\0';
	buf_init(&s->shown, 64 * 1024);
	measure(s);
	return s;
}

/* ---- widths */

int
screen_width(const char *p, size_t n, size_t *len)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t got;

	*len = n == 0 ? 0 : utf8_char_len(p, n);
	if (*len == 0) {
		*len = 1;
		return -1;
	}
	got = mbrtowc(&c, p, *len, &state);
	return got == (size_t)-1 || got == (size_t)-2 ? -1 : wcwidth(c);
}

size_t
screen_fit(const char *s, size_t n, size_t columns)
{
	size_t i = 0, len, used = 0;

	while (i < n && s[i] != '\n') {
		int w = screen_width(s + i, n - i, &len);

		/* what has no known width takes one, so that no line wraps */
		used += w < 0 ? 1 : (size_t)w;
		if (used > columns)
			break;
		i += len;
	}
	return i;
}

static size_t
columns_of(const char *s, size_t n)
{
	size_t i, len, used = 0;

	for (i = 0; i < n; i += len) {
		int w = screen_width(s + i, n - i, &len);

		used += w < 0 ? 1 : (size_t)w;
	}
	return used;
}

/* ---- drawing */

static void
put(const struct screen *s, const struct buf *b)
{
	size_t at = 0;

	while (at < b->len) {
		ssize_t n = write(s->fd, b->data + at, b->len - at);

		if (n <= 0)
			return;      /* a closed terminal shows nothing */
		at += (size_t)n;
	}
}

/* Goes to where the block begins and clears from there. A window that became
 * narrower has wrapped its lines. */
static void
erase(struct screen *s, struct buf *out)
{
	const char *p = s->shown.data, *end = p + s->shown.len;
	size_t rows = 0;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = columns_of(p, (size_t)(nl - p));

		rows += n == 0 ? 1 : (n + s->columns - 1) / s->columns;
		p = nl + 1;
	}
	if (rows > 0)
		buf_addf(out, "\r\033[%zuA\033[J", rows);
}

static void
draw(struct screen *s, struct buf *out)
{
	if (s->shown.len == 0)
		return;
	if (s->dim)
		buf_adds(out, "\033[2m");
	buf_add(out, s->shown.data, s->shown.len);
	if (s->dim)
		buf_adds(out, "\033[0m");
}

void
screen_lines(struct screen *s, const struct buf *lines)
{
	struct buf out = BUF_INIT(4 * 1024 * 1024);

	if (lines->len == 0)
		return;
	measure(s);
	erase(s, &out);
	buf_add(&out, lines->data, lines->len);
	draw(s, &out);
	put(s, &out);
	buf_free(&out);
}

/* Cuts a block to the window. */
static void
fit(const struct screen *s, const struct buf *block, struct buf *out)
{
	const char *p = block->data, *end = p + block->len;
	size_t left = s->rows - 2;

	if (s->rows < MIN_ROWS || s->columns < MIN_COLUMNS)
		return;
	while (p < end && left-- > 0) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = nl == NULL ? (size_t)(end - p) : (size_t)(nl - p);

		/* the last column stays free: terminals differ there */
		buf_add(out, p, screen_fit(p, n, s->columns - 1));
		buf_addc(out, '\n');
		p += n + 1;
	}
}

void
screen_block(struct screen *s, const struct buf *block)
{
	struct buf next = BUF_INIT(64 * 1024), out = BUF_INIT(256 * 1024);
	size_t rows = s->rows, columns = s->columns;

	measure(s);
	fit(s, block, &next);
	if (rows == s->rows && columns == s->columns && next.len ==
	    s->shown.len && memcmp(next.data, s->shown.data, next.len) == 0) {
		buf_free(&next);
		return;
	}
	erase(s, &out);
	buf_free(&s->shown);
	s->shown = next;
	draw(s, &out);
	put(s, &out);
	buf_free(&out);
}

void
screen_free(struct screen *s)
{
	const struct buf none = BUF_INIT(1);

	if (s == NULL)
		return;
	screen_block(s, &none);
	buf_free(&s->shown);
	free(s);
}
