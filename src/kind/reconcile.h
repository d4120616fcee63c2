/* Comparing two tables, cell by cell. Pure, but for the evidence. */
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

/* ---- tables: row -> column -> cell */

/* A row that is the sum of others, as it is written. */
struct derive {
	struct text *row;
	struct texts sum;
};

/* What is done to both tables before they are compared. */
struct adjust {
	struct assigns rename;
	struct shapes derive;        /* struct derive */
};

/* Evaluates the table of a side ("left", "right"); rows renamed, rows that a
 * derivation summed gone. */
int table_read(const struct kind_call *call, const struct adjust *adjust,
    const struct text *t, const char *side, struct value *out,
    struct err *err);
/* What counts for a cell: what is missing or empty is a zero. */
struct value table_cell(const struct value *cell);
bool table_is_number(struct value cell);
/* Adds a number to a sum, exactly or not at all. `what` names the cell. */
int table_add(struct value *sum, struct value cell, const char *what,
    struct err *err);

/* ---- rules */

/* A rule as it is written. */
struct rule {
	struct texts rows, columns;
	int only;                    /* enum reconcile_side */
	struct text *ignore;
	struct plains against;       /* "right.SQL" */
	struct text *tolerance;
	bool warn;
};

/* What can be said of it before its values are known. `mark`: of the kind. */
void rule_check(const struct rule *r, struct mark mark, struct errs *errs);

/* Rules with their values. They are to be freed. */
struct rule_set *rules_eval(const struct kind_call *call,
    const struct rule *rules, size_t n, struct err *err);
void rules_free(struct rule_set *set);
/* A column that `against` names and no row of that side has is an error. */
int rules_check_columns(const struct rule_set *set, struct value left,
    struct value right, struct err *err);

struct cell {
	struct value row, column;        /* strings */
	const struct value *left_row, *right_row;    /* maps, or NULL */
	struct value left, right;
};

struct verdict {
	bool same;                   /* else: */
	const char *why;             /* it is accepted, because; NULL: not */
	bool warn;                   /* and somebody should know */
	bool against;                /* the right cell was compared with: */
	struct value expected;
};

/* What the first rule that fits says of a cell, or that it has to be equal.
 * -1: a pattern could not be tried, or a cell cannot be summed. */
int rules_judge(const struct kind_call *call, const struct rule_set *set,
    const struct cell *cell, struct verdict *out, struct err *err);

/* ---- the report: maps with row, column, left, right, and what else */

/* Appends the cells as an aligned text: what differs, then what is accepted. */
void report_table(struct buf *out, struct value differences,
    struct value accepted);
/* One of them, on one line: "row, column: left 1, right 2". */
void report_cell(struct buf *out, struct value cell);
/* Keeps the text in the run's files/, and gives "files/NAME"; null when there
 * are no such files (a plan). */
int report_keep(const struct kind_call *call, const struct buf *text,
    struct value *name, struct err *err);

#endif
