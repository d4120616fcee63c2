#include "yaml/spot.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/source.h"
#include "base/str.h"

#define HINT_MAX 200      /* bytes of a corrected line that is worth showing */

struct mark spot_mark(const struct source *source, yaml_mark_t mark)
{
	return (struct mark){ source, (unsigned)mark.line + 1,
		(unsigned)mark.column + 1 };
}

struct mark spot_mark_of_byte(const struct source *source, size_t offset)
{
	struct mark mark = { source, 1, 1 };
	size_t begin;

	while (mark.line < source->line_count &&
	    source->lines[mark.line] <= offset)
		mark.line++;
	begin = source->lines[mark.line - 1];
	if (offset > begin)
		mark.col += (unsigned)utf8_count(source->text + begin,
		    offset - begin);
	return mark;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t spot_skip_blanks(const char *s, size_t n, size_t at)
{
	while (at < n && is_blank(s[at]))
		at++;
	return at;
}

/* The byte behind the quoted text that begins at `at`, or 0. */
size_t spot_skip_quoted(const char *s, size_t n, size_t at)
{
	char quote = s[at];

	for (at++; at < n; at++) {
		if (quote == '"' && s[at] == '\\')
			at++;
		else if (s[at] == quote && quote == '\'' && at + 1 < n &&
		    s[at + 1] == quote)
			at++;
		else if (s[at] == quote)
			return at + 1;
	}
	return 0;
}

static bool is_colon(const char *s, size_t n, size_t at)
{
	return at < n && s[at] == ':' && (at + 1 == n || is_blank(s[at + 1]));
}

/* The colon of a key that begins at `at`, or n. */
static size_t find_colon(const char *s, size_t n, size_t at)
{
	if (at < n && (s[at] == '\'' || s[at] == '"')) {
		at = spot_skip_quoted(s, n, at);
		return at && is_colon(s, n, at) ? at : n;
	}
	for (; at < n && !strchr("'\"[]{}=$#&*!", s[at]); at++) {
		if (is_colon(s, n, at))
			return at;
	}
	return n;
}

static size_t find_value(const char *s, size_t n)
{
	size_t at = spot_skip_blanks(s, n, 0), colon;

	while (at + 1 < n && (s[at] == '-' || s[at] == '?') &&
	    is_blank(s[at + 1]))
		at = spot_skip_blanks(s, n, at + 1);
	colon = find_colon(s, n, at);
	return colon < n ? spot_skip_blanks(s, n, colon + 1) : at;
}

static size_t find_end(const char *s, size_t n, size_t value)
{
	size_t end = value;

	while (end < n && !(s[end] == '#' && end > value &&
	    is_blank(s[end - 1])))
		end++;
	while (end > value && is_blank(s[end - 1]))
		end--;
	return end;
}

struct spot spot_of(struct mark mark)
{
	struct spot p = { 0 };

	p.s = source_line(mark.source, mark.line, &p.n);
	p.at = utf8_skip(p.s, p.n, mark.col - 1);
	p.value = find_value(p.s, p.n);
	p.end = find_end(p.s, p.n, p.value);
	return p;
}

char spot_char(const struct spot *p)
{
	return p->at < p->n ? p->s[p->at] : '\0';
}

/* The element of "[...]" or "{...}" that `at` stands in. */
void spot_element(const struct spot *p, size_t *from, size_t *to)
{
	size_t begin = p->at, end, depth = 0;

	while (begin > 0 && !strchr(",[{", p->s[begin - 1]) &&
	    !(begin > 1 && is_colon(p->s, p->n, begin - 2)))
		begin--;
	begin = spot_skip_blanks(p->s, p->n, begin);
	for (end = begin; end < p->end; end++) {
		if (strchr("([{", p->s[end]))
			depth++;
		else if (depth == 0 && strchr(",]}", p->s[end]))
			break;
		else if (depth && strchr(")]}", p->s[end]))
			depth--;
	}
	while (end > begin && is_blank(p->s[end - 1]))
		end--;
	*from = begin;
	*to = end;
}

/* The value in those quotes that leave most of it as it is. */
static void add_quoted(struct buf *out, const char *s, size_t n)
{
	bool single = memchr(s, '\'', n);
	bool other = memchr(s, '"', n) || memchr(s, '\\', n);
	size_t i;

	if (single && !other) {
		buf_addc(out, '"');
		buf_add(out, s, n);
		buf_addc(out, '"');
		return;
	}
	buf_addc(out, '\'');
	for (i = 0; i < n; i++) {
		if (s[i] == '\'')
			buf_addc(out, '\'');
		buf_addc(out, s[i]);
	}
	buf_addc(out, '\'');
}

/* Shows the line with what stands between two double quotes in single ones. */
void hint_single(struct errs *errs, const struct spot *p, size_t from,
    size_t to)
{
	struct buf line = BUF_INIT(4 * HINT_MAX);
	size_t begin = spot_skip_blanks(p->s, p->n, 0);

	buf_add(&line, p->s + begin, from - 1 - begin);
	add_quoted(&line, p->s + from, to - from);
	buf_add(&line, p->s + to + 1, p->n - to - 1);
	errs_hint(errs, "in single quotes a backslash is a backslash: %s",
	    line.data);
	buf_free(&line);
}

/* Shows the line with the bytes from..to in quotes. */
void hint_quotes(struct errs *errs, const struct spot *p, size_t from,
    size_t to)
{
	struct buf line = BUF_INIT(4 * HINT_MAX);
	size_t begin = spot_skip_blanks(p->s, p->n, 0);

	if (p->n - begin > HINT_MAX || from < begin || to <= from) {
		errs_hint(errs, "put the whole value in quotes");
		return;
	}
	buf_add(&line, p->s + begin, from - begin);
	add_quoted(&line, p->s + from, to - from);
	buf_add(&line, p->s + to, p->n - to);
	errs_hint(errs, "put the whole value in quotes: %s", line.data);
	buf_free(&line);
}

void hint_value(struct errs *errs, const struct spot *p)
{
	size_t from = p->value, to = p->end;

	if (p->value < p->n && p->at > p->value && strchr("[{", p->s[p->value]))
		spot_element(p, &from, &to);
	hint_quotes(errs, p, from, to);
}
