#include "base/source.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/xalloc.h"

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

/* A byte order mark is no character of the first line. */
static uint32_t first_line(const struct source *s)
{
	return s->len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* Counts before it allocates: a large book has many lines. */
static void index_lines(struct source *s)
{
	bool has_cr = memchr(s->text, '\r', s->len);
	size_t at = first_line(s), i = 0;

	for (s->line_count = 1; (at = next_line(s->text, s->len, at, has_cr));)
		s->line_count++;
	s->lines = arena_array(s->arena, s->line_count, sizeof *s->lines);
	s->lines[0] = first_line(s);
	while (++i < s->line_count)
		s->lines[i] = (uint32_t)next_line(s->text, s->len,
		    s->lines[i - 1], has_cr);
}

struct source *source_take(const char *name, char *text, size_t len)
{
	struct arena *arena = arena_new();
	struct source *s = arena_alloc(arena, sizeof *s);

	if (len >= UINT32_MAX)
		BUG("source: %zu bytes are too many", len);
	s->arena = arena;
	s->name = arena_strdup(arena, name);
	s->text = text;
	s->len = len;
	index_lines(s);
	return s;
}

struct source *source_new(const char *name, const char *text, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (len)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return source_take(name, copy, len);
}

void source_free(struct source *s)
{
	if (!s)
		return;
	free(s->text);
	arena_free(s->arena);
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
