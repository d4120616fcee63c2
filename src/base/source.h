/* The text of one file of the book, kept for error messages. */
#ifndef CAIRN_BASE_SOURCE_H
#define CAIRN_BASE_SOURCE_H

#include <stddef.h>

struct source {
	char *name;          /* path as the operator wrote or would write it */
	char *text;          /* the bytes, NUL-terminated */
	size_t len;
	size_t *lines;       /* offset of the first byte of each line */
	size_t line_count;
};

/* Copies name and text. Never NULL. */
struct source *source_new(const char *name, const char *text, size_t len);
void source_free(struct source *s);
/* Line `line` (from 1) without its newline; *len is set; "" if there is none. */
const char *source_line(const struct source *s, unsigned line, size_t *len);

#endif
