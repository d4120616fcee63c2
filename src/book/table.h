/* table(text, key): CSV or aligned text into row -> column -> number. */
#ifndef CAIRN_BOOK_TABLE_H
#define CAIRN_BOOK_TABLE_H

#include "book/value.h"

struct arena;
struct err;

/* CSV (RFC 4180, "," or TAB or ";"), or text in columns separated by "|" or
 * by two and more blanks, rule lines of dashes skipped. The header is the
 * first line that has a column `key`; lines before it are skipped. The result
 * is a map: value of the key column -> map of the other columns. Integer cells
 * become int, empty and missing cells 0, other cells stay strings. Where blanks
 * separate, a row with empty cells is read by what stands below which header.
 * -1: no header, two columns or two rows of one name, a row with more cells
 * than the header or with one only, a cell below no header, a quote without
 * end, NUL. "(3 rows)" as psql writes it is no row. */
int table_parse(struct arena *a, const char *s, size_t n, const char *key,
    struct value *out, struct err *err);

#endif
