/* From files to a book that is valid: load, decode, merge, check. */
#ifndef CAIRN_BOOK_DECODE_H
#define CAIRN_BOOK_DECODE_H

#include "book/book.h"

struct errs;

/* Where files of a book come from: its folder, or a run's snapshot. */
struct book_place {
	int dirfd;                   /* the folder */
	const char *file;            /* "runbook.yaml" */
	const char *shown;           /* folder as the operator wrote it, "" or
	                                ending with "/" */
	bool single;                 /* one file: it may include nothing */
	bool only_lint;              /* fingerprints are left out */
};

/* The kinds: rows, and what book has to know of each for its checks. */
struct book_kinds {
	const struct kind_shape *const *shapes;     /* NULL-terminated */
	/* Default effect of a kind with this spec. */
	enum effect (*effect)(const struct kind_shape *kind, const void *spec);
	/* Names that the kind leaves in `self` ("rc", "status", …), NULL-ended;
	 * for a gate also its fields. */
	const char *const *(*leaves)(const struct kind_shape *kind,
	    const void *spec, struct arena *a);
	/* The kind's own checks of a step, a look or an undo. */
	void (*check)(const struct kind_shape *kind, const void *spec,
	    const struct body *body, enum effect effect, struct errs *errs);
	/* "step", "look" or "undo": may the kind stand there? Also whether it
	 * takes host, cwd, env, stdin, ok_exit, expect, refuse. */
	bool (*allowed)(const struct kind_shape *kind, const char *place);
	bool (*runs_program)(const struct kind_shape *kind);
	bool (*is_gate)(const struct kind_shape *kind);
};

/* Reads a book and everything that it includes. All errors of all files at
 * once, sorted; warnings apart. NULL when there was an error. Starts no
 * process, opens nothing outside the folder (security.md F1, F2). The sources
 * to which places point live as long as the book; when there is none, as long
 * as `errs`: print the warnings before errs_free(errs). */
struct book *book_load(const struct book_place *place,
    const struct book_kinds *kinds, struct errs *errs, struct errs *warnings);
void book_free(struct book *b);

/* Converts a YAML node, or text from the command line or an answer, to the
 * declared type; checks pattern, enum, control characters (V7). */
int decl_value_of_node(struct arena *a, const struct decl *d,
    const struct node *node, struct value *out, struct err *err);
int decl_value_of_text(struct arena *a, const struct decl *d,
    const char *s, size_t n, struct value *out, struct err *err);
/* The same check for a value that has a type already. */
int decl_value_check(const struct decl *d, struct value v, struct value *out,
    struct err *err);

/* Params from --set (`name=value` texts, in order), over a --params file (a
 * YAML map), over defaults. All errors at once. `out` is a map. */
int book_params(const struct book *b, struct arena *a,
    const char *const *sets, size_t n_sets, const struct node *file,
    struct value *out, struct errs *errs);

#endif
