#include "base/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/source.h"
#include "base/str.h"
#include "base/xalloc.h"

static int fill(struct err *err, struct mark mark, char *text)
{
	if (err->set) {
		free(text);
		return -1;
	}
	*err = (struct err){ .set = true, .mark = mark, .text = text };
	return -1;
}

int err_set(struct err *err, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	return fill(err, (struct mark){ 0 }, text);
}

int err_at(struct err *err, struct mark mark, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	return fill(err, mark, text);
}

int err_errno(struct err *err, const char *format, ...)
{
	const char *why = strerror(errno);
	va_list args;
	char *text, *whole;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	whole = xasprintf("%s: %s", text, why);
	free(text);
	return fill(err, (struct mark){ 0 }, whole);
}

static int set_hint(struct err *err, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static int set_hint(struct err *err, const char *format, va_list args)
{
	if (!err->set)
		BUG("hint for an error that is not set: %s", format);
	if (!err->hint)
		err->hint = xvasprintf(format, args);
	return -1;
}

int err_hint(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_hint(err, format, args);
	va_end(args);
	return -1;
}

int err_wrap(struct err *err, const char *format, ...)
{
	va_list args;
	char *context, *whole;

	if (!err->set)
		BUG("context for an error that is not set: %s", format);
	va_start(args, format);
	context = xvasprintf(format, args);
	va_end(args);
	whole = xasprintf("%s: %s", context, err->text);
	free(context);
	free(err->text);
	err->text = whole;
	return -1;
}

int err_place(struct err *err, struct mark mark)
{
	if (err->set && !err->mark.source)
		err->mark = mark;
	return -1;
}

int err_move(struct err *to, struct err *from)
{
	if (to == from)
		return -1;
	if (to->set || !from->set)
		err_free(from);
	else
		*to = *from;
	*from = (struct err)ERR_INIT;
	return -1;
}

void err_free(struct err *err)
{
	free(err->text);
	free(err->hint);
	*err = (struct err)ERR_INIT;
}

void errs_take(struct errs *errs, struct err *err)
{
	if (err->set)
		vec_push(&errs->list, *err);
	*err = (struct err)ERR_INIT;
}

void errs_add(struct errs *errs, struct mark mark, const char *format, ...)
{
	struct err err = ERR_INIT;
	va_list args;

	va_start(args, format);
	fill(&err, mark, xvasprintf(format, args));
	va_end(args);
	errs_take(errs, &err);
}

void errs_hint(struct errs *errs, const char *format, ...)
{
	va_list args;

	if (errs->list.n == 0)
		BUG("hint for an error that is not set: %s", format);
	va_start(args, format);
	set_hint(&errs->list.v[errs->list.n - 1], format, args);
	va_end(args);
}

void errs_free(struct errs *errs)
{
	size_t i;

	for (i = 0; i < errs->list.n; i++)
		err_free(&errs->list.v[i]);
	vec_free(&errs->list);
	for (i = 0; i < errs->sources.n; i++)
		source_free(errs->sources.v[i]);
	vec_free(&errs->sources);
}

void errs_keep(struct errs *errs, struct source *source)
{
	vec_push(&errs->sources, source);
}

struct sortable {
	struct err err;
	size_t file;         /* number of its source, by first appearance */
	size_t place;        /* keeps the sort stable */
};

static int compare(const void *pa, const void *pb)
{
	const struct sortable *a = pa, *b = pb;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->err.mark.line != b->err.mark.line)
		return a->err.mark.line < b->err.mark.line ? -1 : 1;
	if (a->err.mark.col != b->err.mark.col)
		return a->err.mark.col < b->err.mark.col ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

static struct sortable *number(const struct errs *errs)
{
	struct sortable *rows = xcalloc(errs->list.n, sizeof *rows);
	VEC(const struct source *) files = { 0 };
	size_t i, f;

	for (i = 0; i < errs->list.n; i++) {
		rows[i].err = errs->list.v[i];
		for (f = 0; f < files.n; f++) {
			if (files.v[f] == rows[i].err.mark.source)
				break;
		}
		if (f == files.n)
			vec_push(&files, rows[i].err.mark.source);
		rows[i].file = f;
		rows[i].place = i;
	}
	vec_free(&files);
	return rows;
}

/* Was this error already kept, at the same place? */
static bool is_double(const struct errs *kept, const struct err *err)
{
	const struct err *e;
	size_t i;

	for (i = kept->list.n; i-- > 0;) {
		e = &kept->list.v[i];
		if (e->mark.source != err->mark.source ||
		    e->mark.line != err->mark.line ||
		    e->mark.col != err->mark.col)
			return false;
		if (str_eq(e->text, err->text))
			return true;
	}
	return false;
}

void errs_sort(struct errs *errs)
{
	struct sortable *rows;
	size_t n = errs->list.n, i;

	if (n < 2)
		return;
	rows = number(errs);
	qsort(rows, n, sizeof *rows, compare);
	errs->list.n = 0;
	for (i = 0; i < n; i++) {
		if (is_double(errs, &rows[i].err))
			err_free(&rows[i].err);
		else
			errs->list.v[errs->list.n++] = rows[i].err;
	}
	free(rows);
}
