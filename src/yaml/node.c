#include "yaml/node.h"

#include <string.h>

#include "base/source.h"
#include "base/str.h"

struct node *node_get(const struct node *map, const char *key)
{
	size_t n = strlen(key), i;
	const struct node *k;

	if (map->type != NODE_MAP)
		return NULL;
	for (i = 0; i < map->count; i++) {
		k = map->entries[i].key;
		if (k->len == n && memcmp(k->text, key, n) == 0)
			return map->entries[i].value;
	}
	return NULL;
}

const char *node_type_name(const struct node *n)
{
	switch (n->type) {
	case NODE_LIST: return "a list";
	case NODE_MAP: return "a map";
	case NODE_SCALAR: break;
	}
	return node_is_null(n) ? "nothing" : "text";
}

bool node_is_null(const struct node *n)
{
	return n->type == NODE_SCALAR && n->style == STYLE_PLAIN &&
	    (n->len == 0 || str_eq(n->text, "~") || str_eq(n->text, "null"));
}

/* What a mark points to, up to the end of its line. */
static const char *text_at(struct mark mark, size_t *n)
{
	const char *line = source_line(mark.source, mark.line, n);
	size_t at = utf8_skip(line, *n, mark.col - 1);

	*n -= at;
	return line + at;
}

static size_t utf8_size(unsigned long c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* Bytes of the escape at s ("\n", "\x41", ...); *made: bytes of its value. */
static size_t escape_len(const char *s, size_t n, size_t *made)
{
	size_t digits = n < 2 ? 0 : s[1] == 'x' ? 2 : s[1] == 'u' ? 4 :
	    s[1] == 'U' ? 8 : 0, i;
	unsigned long c = 0;
	const char *hex = "0123456789abcdef", *digit;

	*made = 1;
	if (n < 2 + digits)
		return n;
	for (i = 2; i < 2 + digits; i++) {
		digit = strchr(hex, s[i] | 0x20);
		c = c * 16 + (unsigned long)(digit ? digit - hex : 0);
	}
	if (digits)
		*made = utf8_size(c);
	else if (s[1] == 'N' || s[1] == '_')
		*made = 2;
	else if (s[1] == 'L' || s[1] == 'P')
		*made = 3;
	return 2 + digits;
}

/* Columns between the opening quote and byte `offset` of the value. */
static unsigned quoted_columns(const struct node *scalar, size_t offset)
{
	size_t n, at = 1, len, made, value;
	const char *s = text_at(scalar->mark, &n);
	unsigned columns = 1;

	for (value = 0; value < offset && at < n; value += made) {
		if (scalar->style == STYLE_DOUBLE && s[at] == '\\')
			len = escape_len(s + at, n - at, &made);
		else if (scalar->style == STYLE_SINGLE && s[at] == '\'')
			len = 2, made = 1;
		else
			len = made = utf8_skip(s + at, n - at, 1);
		if (value + made > offset || len > n - at)
			break;
		columns += (unsigned)utf8_count(s + at, len);
		at += len;
	}
	return columns;
}

static struct mark literal_mark(const struct node *scalar, size_t offset)
{
	struct mark mark = scalar->mark;
	size_t i, line = 0;

	mark.line++;
	for (i = 0; i < offset; i++) {
		if (scalar->text[i] == '\n') {
			mark.line++;
			line = i + 1;
		}
	}
	mark.col = scalar->indent + 1 +
	    (unsigned)utf8_count(scalar->text + line, offset - line);
	return mark;
}

struct mark node_mark_at(const struct node *scalar, size_t offset)
{
	struct mark mark = scalar->mark;

	if (scalar->type != NODE_SCALAR || !mark.source)
		return mark;
	if (offset > scalar->len)
		offset = scalar->len;
	if (scalar->style == STYLE_LITERAL)
		return literal_mark(scalar, offset);
	if (mark.line != scalar->end_line || scalar->style == STYLE_FOLDED)
		return mark;
	if (scalar->style == STYLE_PLAIN)
		mark.col += (unsigned)utf8_count(scalar->text, offset);
	else
		mark.col += quoted_columns(scalar, offset);
	return mark;
}

bool node_is_cut(const struct node *scalar)
{
	struct mark end = { scalar->mark.source, scalar->end_line,
		scalar->end_col };
	const char *rest;
	size_t n, blanks = 0;

	if (scalar->type != NODE_SCALAR || scalar->style != STYLE_PLAIN)
		return false;
	rest = text_at(end, &n);
	while (blanks < n && (rest[blanks] == ' ' || rest[blanks] == '\t'))
		blanks++;
	return blanks > 0 && blanks < n && rest[blanks] == '#';
}
