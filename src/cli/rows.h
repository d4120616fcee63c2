/* Rows of the language in words: for `cairn kinds` and the manual. */
#ifndef CAIRN_CLI_ROWS_H
#define CAIRN_CLI_ROWS_H

struct buf;
struct field;
struct kind;
struct shape;

/* "a duration; required"; of an enum its words. */
void row_wants(const struct field *f, struct buf *out);
/* The shape inside the value of a row, or NULL. */
const struct shape *row_shape(const struct field *f);
/* "in a step or an undo; by default it reads". */
void row_places(const struct kind *k, struct buf *out);

#endif
