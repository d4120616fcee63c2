#include "base/err.h"

#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/source.h"
#include "base/str.h"

/* Characters of a line that are shown before and behind the caret. */
#define BEFORE 60
#define BEHIND 40

/* Blanks as wide as the text is on the screen; tabs stay tabs. */
static void add_blanks(struct buf *out, const char *s, size_t n)
{
	struct buf shown = BUF_INIT(64 * KIB);
	size_t at;

	escape_terminal(&shown, s, n);
	for (at = 0; at < shown.len;
	    at += utf8_skip(shown.data + at, shown.len - at, 1))
		buf_addc(out, shown.data[at] == '\t' ? '\t' : ' ');
	buf_free(&shown);
}

static void print_excerpt(struct mark mark, struct buf *out)
{
	size_t len, col = mark.col ? mark.col - 1 : 0, from, at, end;
	const char *line = source_line(mark.source, mark.line, &len);

	from = col > BEFORE ? utf8_skip(line, len, col - BEFORE) : 0;
	at = utf8_skip(line, len, col);
	end = at + utf8_skip(line + at, len - at, BEHIND);
	buf_addf(out, "%5u | %s", mark.line, from ? "..." : "");
	escape_terminal(out, line + from, end - from);
	buf_addf(out, "%s\n      | %s", end < len ? "..." : "",
	    from ? "   " : "");
	add_blanks(out, line + from, at - from);
	buf_adds(out, "^\n");
}

static void print_hint(const char *hint, struct buf *out)
{
	size_t n;

	for (;; hint += n + 1) {
		n = strcspn(hint, "\n");
		buf_adds(out, "  ");
		escape_terminal(out, hint, n);
		buf_addc(out, '\n');
		if (hint[n] == '\0')
			break;
	}
}

static void print_as(const struct err *err, const char *word, struct buf *out)
{
	const struct source *source = err->mark.source;

	if (source) {
		escape_line(out, source->name, strlen(source->name));
		if (err->mark.line)
			buf_addf(out, ":%u:%u", err->mark.line, err->mark.col);
		buf_adds(out, ": ");
	}
	buf_addf(out, "%s: ", word);
	escape_line(out, err->text, strlen(err->text));
	buf_addc(out, '\n');
	if (source && err->mark.line)
		print_excerpt(err->mark, out);
	if (err->hint)
		print_hint(err->hint, out);
}

void err_print(const struct err *err, struct buf *out)
{
	print_as(err, "error", out);
}

void errs_print(const struct errs *errs, struct buf *out)
{
	size_t i;

	for (i = 0; i < errs->list.n; i++)
		err_print(&errs->list.v[i], out);
}

void errs_print_warnings(const struct errs *errs, struct buf *out)
{
	size_t i;

	for (i = 0; i < errs->list.n; i++)
		print_as(&errs->list.v[i], "warning", out);
}
