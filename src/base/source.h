/* The text of one file of the book, kept for error messages. */
#ifndef CAIRN_BASE_SOURCE_H
#define CAIRN_BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct source {
	char *name;          /* path as the operator wrote or would write it */
	char *text;          /* the bytes, NUL-terminated */
	size_t len;
	uint32_t *lines;     /* offset of the first byte of each line */
	size_t line_count;
	struct arena *arena; /* which the rest lives in */
};

/* Copies name and text. Never NULL. */
struct source *source_new(const char *name, const char *text, size_t len);
/* Takes over allocated text with a NUL behind it. */
struct source *source_take(const char *name, char *text, size_t len);
void source_free(struct source *s);
/* Line `line` (from 1) without its newline, and its length; else "". */
const char *source_line(const struct source *s, unsigned line, size_t *len);

#endif
