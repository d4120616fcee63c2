/* One error value. Libraries fill it, only cli/ and the driver print it.
 *
 * A function that can fail takes `struct err *err` last and returns 0 or -1.
 * Its outputs are untouched on failure. The first error wins. err may not be
 * NULL. Messages are sentences for the operator without a final full stop:
 * what happened, and after "; " what to do, in `hint`. */
#ifndef CAIRN_BASE_ERR_H
#define CAIRN_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"

struct buf;
struct source;

/* A place in a file of the book. `source` NULL: no place is known. */
struct mark {
	const struct source *source;
	unsigned line;        /* from 1 */
	unsigned col;         /* from 1, in characters of UTF-8 */
};

struct err {
	bool set;
	struct mark mark;
	char *text;           /* owned */
	char *hint;           /* owned; NULL or what to do next */
};
#define ERR_INIT { 0 }

/* All return -1, so that `return err_set(…)` reads well. */
int err_set(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int err_at(struct err *err, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As err_set, and adds ": " and strerror(errno). */
int err_errno(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds what to do; for an error that is set. */
int err_hint(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts "context: " before the text of an error that is set. */
int err_wrap(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Sets the place of an error that has none. */
int err_place(struct err *err, struct mark mark);
/* Moves an error; `from` is empty after. The first error wins in `to`. */
int err_move(struct err *to, struct err *from);
void err_free(struct err *err);
/* "file:line:col: error: text", the line and a caret, "  hint". Everything
 * that is not cairn's own is escaped (escape.h). Ends with a newline. */
void err_print(const struct err *err, struct buf *out);

/* All errors of a book at once. */
struct errs {
	VEC(struct err) list;
	VEC(struct source *) sources;   /* kept until errs_free */
};
/* Takes the error over; `err` is empty after. */
void errs_take(struct errs *errs, struct err *err);
void errs_add(struct errs *errs, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a hint to the error that was added last. */
void errs_hint(struct errs *errs, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes a source over that places of errors point to. */
void errs_keep(struct errs *errs, struct source *source);
/* By file (in order of first appearance), line, column. Doubles vanish. */
void errs_sort(struct errs *errs);
void errs_print(const struct errs *errs, struct buf *out);
/* The same, with the word "warning": nothing is refused for them. */
void errs_print_warnings(const struct errs *errs, struct buf *out);
void errs_free(struct errs *errs);

#endif
