#include "base/source.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

/* The break that begins at or behind `at`: "\n", "\r\n" or a lone "\r", as
 * YAML counts them. Returns the offset behind it, or 0 when there is none. */
static size_t next_line(const char *text, size_t len, size_t at, bool has_cr)
{
	const char *p;

	if (!has_cr) {
		p = memchr(text + at, '\n', len - at);
		return p ? (size_t)(p - text) + 1 : 0;
	}
	for (; at < len; at++) {
		if (text[at] == '\n' || (text[at] == '\r' &&
		    (at + 1 == len || text[at + 1] != '\n')))
			return at + 1;
	}
	return 0;
}

struct source *source_new(const char *name, const char *text, size_t len)
{
	struct source *s = xcalloc(1, sizeof *s);
	VEC(size_t) lines = { 0 };
	bool has_cr = len && memchr(text, '\r', len);
	size_t at = 0;

	s->name = xstrdup(name);
	s->text = xmalloc(len + 1);
	if (len)
		memcpy(s->text, text, len);
	s->text[len] = '\0';
	s->len = len;
	/* A byte order mark is no character of the first line. */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	do
		vec_push(&lines, at);
	while ((at = next_line(s->text, len, at, has_cr)));
	s->lines = lines.v;
	s->line_count = lines.n;
	return s;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	free(s->name);
	free(s->text);
	free(s->lines);
	free(s);
}

const char *source_line(const struct source *s, unsigned line, size_t *len)
{
	size_t begin, end;

	*len = 0;
	if (line == 0 || line > s->line_count)
		return "";
	begin = s->lines[line - 1];
	end = line < s->line_count ? s->lines[line] : s->len;
	while (end > begin && (s->text[end - 1] == '\n' ||
	    s->text[end - 1] == '\r'))
		end--;
	*len = end - begin;
	return s->text + begin;
}
