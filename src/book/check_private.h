/* What the checks of a whole book share. Private to src/book/check*.c.
 *
 * check.c goes through the book, check_names.c looks at every name in an
 * expression, check_cond.c at conditions, check_call.c at what `with` hands
 * over, check_body.c at where and what, check_effect.c at what a step may do
 * to the world, check_warn.c at what is only unwise. */
#ifndef CAIRN_BOOK_CHECK_PRIVATE_H
#define CAIRN_BOOK_CHECK_PRIVATE_H

#include "base/buf.h"
#include "book/decode_private.h"

/* How an included file is used. */
struct file_use {
	VEC(const struct step *) callers;
	size_t first;            /* order of the first step of the book that
	                            calls it, directly or not */
	bool covered;            /* every caller has an undo */
};

/* What a check needs to have happened before it can be asked. */
struct check_use {
	const struct step *needs;    /* the latest step that it names */
	bool looking, known;
	unsigned depth;              /* of checks that name checks */
};

struct checker {
	struct decode *d;
	const struct book *book;
	const struct book_kinds *kinds;
	struct errs *errs, *warnings;
	struct map *uses;            /* path -> struct file_use */
	struct check_use *checks;    /* as book->checks */
	unsigned depth;              /* of checks that are looked at */
	bool guarded;                /* an environment has `may_destroy` */
	bool *destroyed;             /* as book->environments: by some step */
	VEC(const struct step *) without_undo;
};

/* ---- names */

/* What a step, a look or a file leaves for expressions. */
struct leaves {
	const struct kind_shape *kind;
	const void *spec;
	const struct captures *captures;
	size_t n_captures;           /* so many of them are known yet */
	const struct step_file *include;
	bool unsure;                 /* not decoded: it may leave anything */
};

enum place { IN_BOOK, IN_FILE, IN_CHECK, IN_IDENTITY, IN_TITLE, IN_VARS,
	IN_SECRET, IN_HOST };

/* What names mean at one place of the book. */
struct names {
	struct checker *c;
	enum place place;
	const struct decls *inputs;  /* or NULL */
	const struct step_file *file;    /* whose steps are seen; NULL: book */
	size_t before;               /* steps of a smaller order have ended */
	const struct step *at;       /* the step, or NULL */
	const struct leaves *self, *step;
	bool item;                   /* `item` means something */
	const char *no_self;         /* why `self` means nothing here */
	bool secret;                 /* a secret may stand here */
	const char *key;             /* the key that is looked at */
	struct check_use *use;       /* of the check that is looked at */
};

#define BEFORE_ALL ((size_t)0)
#define AFTER_ALL SIZE_MAX

struct names names_of_step(struct checker *c, const struct step *s);
struct leaves leaves_of_step(const struct step *s);
void names_expr(const struct names *n, const char *key, bool secret,
    const struct expr *e);
void names_text(const struct names *n, const char *key, bool secret,
    const struct text *t);
/* Everything that is visited through a row, at this place. */
void names_row(const struct names *n, const struct field *f,
    const void *src);
/* Is it a secret, as far as the book says? */
bool names_is_secret(const struct names *n, const struct expr_ref *ref);

/* ---- check_cond.c */

void check_conds(const struct names *n, const struct conds *list);
void check_captures(const struct names *n, const struct captures *list,
    const struct leaves *leaves);
/* All named checks: their names, cycles, and what they need. */
void check_checks(struct checker *c);

/* ---- check_call.c */

/* Does `with` give what is declared? */
void check_with(const struct names *n, const struct assigns *with,
    const struct decls *inputs, struct mark mark, const char *what);

/* ---- check_body.c */

/* The keys and texts of a body. `node` is where they are written. */
void check_body(const struct names *n, const struct shape *shape,
    const struct node *node, const struct body *body, enum effect effect);
/* Calls `fn` for each host that a body can be at; false: it cannot be said. */
bool body_hosts(const struct names *n, const struct body *body,
    void (*fn)(const struct host *h, void *ctx), void *ctx);

/* ---- check_effect.c */

void check_effect(const struct names *n, const struct step *s);
void check_environments(struct checker *c);

/* ---- check_warn.c */

void warn_step(struct checker *c, const struct step *s);
void warn_look(const struct names *n, const struct cond *look);
void warn_undo(struct checker *c);
void warn_names(struct checker *c);

/* ---- check.c */

struct file_use *file_use(struct checker *c, const struct step_file *f);
/* The place of a key's value, or of the step. */
struct mark step_mark(const struct step *s, const char *key);

#endif
