/* The book laid out as steps with addresses, in the order of work. */
#ifndef CAIRN_PLAN_PLAN_H
#define CAIRN_PLAN_PLAN_H

#include <jansson.h>

#include "book/book.h"

struct buf;

struct plan_step {
	const char *address;           /* "dump", "freeze.set", "freeze!undo" */
	const struct step *step;
	const struct phase *phase;
	struct plan_step *parent;      /* the include that calls it, or NULL */
	struct plan_step *undo;        /* address X!undo, or NULL */
	struct plan_step *undo_of;     /* the step that this one takes back */
	struct plan_step **children;   /* of an include; items of a for_each */
	size_t n;
	bool each;                     /* a for_each: its items do the work */
	bool known;                    /* and they have been laid out */
	struct plan_step *each_of;     /* this is one item of that */
	const char *key;               /* its key, */
	size_t key_len;
	const struct value *item;      /* and what it is */
	bool back;                     /* an undo, or inside one */
	size_t order;                  /* position in the order of work */
};

struct plan_phase {
	const struct phase *phase;
	struct plan_step **steps;
	size_t n;
};

struct plan;

/* Lays out every step. The plan refers to the book, which must outlive it. */
struct plan *plan_new(const struct book *book);
void plan_free(struct plan *p);
size_t plan_phases(const struct plan *p, const struct plan_phase **phases);
/* By address, undo steps included; NULL when there is none. */
struct plan_step *plan_find(const struct plan *p, const char *address);
/* The step that the name `id` means in an expression of `from`: a sibling in
 * the same file, or for a step of the book any step of the book. */
struct plan_step *plan_sibling(const struct plan *p,
    const struct plan_step *from, const char *id);
/* All steps in the order of work, undo steps not among them. */
size_t plan_steps(const struct plan *p, struct plan_step *const **steps);
/* Lays out the items of a for_each, as its `items` record has them; those of
 * before go, whoever holds one may go on reading it. Steps that come later get
 * another `order`. -1 with err: it is no such record, or there is no such
 * step. */
int plan_take_items(struct plan *p, const char *address,
    const json_t *payload, struct err *err);
/* "dump[forms]"; a key that is no simple word stands in quotes as in JSON,
 * always as printable ASCII, so that two keys never look alike. */
void plan_item_address(const char *step, const char *key, size_t n,
    struct buf *out);
/* "phases/2-pull.yaml:31" */
void plan_place(const struct plan_step *s, struct buf *out);

#endif
