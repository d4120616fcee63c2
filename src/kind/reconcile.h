/* Comparing two tables, cell by cell. Pure. */
#ifndef CAIRN_KIND_RECONCILE_H
#define CAIRN_KIND_RECONCILE_H

#include "book/field.h"
#include "book/value.h"

struct arena;
struct buf;
struct err;
struct kind_call;
struct rule_set;

enum reconcile_side { SIDE_ANY, SIDE_LEFT, SIDE_RIGHT };

/* A rule as it is written. */
struct rule {
	struct texts rows, columns;
	int only;                    /* enum reconcile_side */
	struct text *ignore;
};

/* Rules with their values. They are to be freed. */
struct rule_set *rules_eval(const struct kind_call *call,
    const struct rule *rules, size_t n, struct err *err);
void rules_free(struct rule_set *set);
/* Is the pattern of a row one, as far as can be said without values? */
int rule_check_pattern(const struct text *t, struct err *err);

/* A cell that differs. */
struct cell {
	struct value row, column;        /* strings */
	bool in_left, in_right;          /* the row has something there */
	struct value left, right;
};
/* Why the difference does not count: the first rule that fits, in *why; NULL:
 * it counts. -1: a pattern could not be tried. */
int rules_excuse(const struct rule_set *set, const struct cell *cell,
    const char **why, struct err *err);

#endif
