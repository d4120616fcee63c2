/* Names of rows and columns, written as words or as patterns for whole names
 * in which a value means only itself. */
#ifndef CAIRN_KIND_NAMES_H
#define CAIRN_KIND_NAMES_H

#include "base/vec.h"
#include "book/field.h"
#include "book/value.h"

struct err;
struct kind_call;
struct rx;

/* By name, or by pattern. */
struct name {
	struct value text;           /* string, or … */
	struct rx *rx;               /* … */
};

struct names_given {
	VEC(struct name) list;
	bool given;                  /* false: nothing was written */
};

/* With `patterns` a text is one, unless it is an expression alone: that is a
 * name or a list of names. *out is to be freed, also after an error. */
int names_eval(const struct kind_call *call, const struct texts *texts,
    bool patterns, struct names_given *out, struct err *err);
void names_free(struct names_given *names);
/* 1: one of them is it, or none was given; 0: no; -1: cannot tell. */
int names_fit(const struct names_given *names, struct value v,
    struct err *err);
/* Is it a pattern, as far as can be said without values? */
int names_check_pattern(const struct text *t, struct err *err);

#endif
