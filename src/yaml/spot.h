/* Places in the text of a book, and lines shown as they should be. Private to
 * yaml/. */
#ifndef CAIRN_YAML_SPOT_H
#define CAIRN_YAML_SPOT_H

#include <stddef.h>
#include <yaml.h>

#include "base/err.h"

/* A line of the book and a place in it, in bytes. */
struct spot {
	const char *s;
	size_t n;
	size_t at;            /* the place */
	size_t value;         /* the value, behind "- " and "key: " */
	size_t end;           /* behind the value, without a comment */
};

struct spot spot_of(struct mark mark);
/* The character there; NUL at the end of the line. */
char spot_char(const struct spot *p);
/* The element of "[...]" or "{...}" that the place is in. */
void spot_element(const struct spot *p, size_t *from, size_t *to);
size_t spot_skip_blanks(const char *s, size_t n, size_t at);
/* The byte behind the quoted text that begins at `at`, or 0. */
size_t spot_skip_quoted(const char *s, size_t n, size_t at);

struct mark spot_mark(const struct source *source, yaml_mark_t mark);
/* The place of a byte of the text. */
struct mark spot_mark_of_byte(const struct source *source, size_t offset);

/* Hints that show the line with quotes: round the bytes from..to; … */
void hint_quotes(struct errs *errs, const struct spot *p, size_t from,
    size_t to);
/* … round the value, or round the element of a list or map in brackets; */
void hint_value(struct errs *errs, const struct spot *p);
/* … single ones instead of the double ones round from..to. */
void hint_single(struct errs *errs, const struct spot *p, size_t from,
    size_t to);

#endif
