/* Tables of rows: one table a shape of the language. The rows drive decoding,
 * defaults, messages, `cairn kinds`, the manual and the JSON Schema, so these
 * cannot disagree. */
#ifndef CAIRN_BOOK_FIELD_H
#define CAIRN_BOOK_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct arena;
struct decode;
struct expr;
struct field;
struct node;
struct rx;
struct text;

/* Called for every text and expression of something decoded; exactly one of
 * the two is set. Stops at the first value that is not 0. */
struct visitor {
	int (*visit)(void *ctx, const struct field *field,
	    const struct text *text, const struct expr *expr);
	void *ctx;
};

struct field_type {
	const char *name;            /* "a duration", for "wants a duration" */
	/* Decodes `node` to dst (inside the struct that the shape describes).
	 * Adds its errors to the decode's list; -1 when there were any. */
	int (*decode)(struct decode *d, const struct node *node,
	    const struct field *f, void *dst);
	/* Visits the texts and expressions of what was decoded; NULL: none. */
	int (*walk)(const struct field *f, const void *src,
	    const struct visitor *v);
	const char *schema;          /* JSON Schema of a value, or NULL */
};

enum field_flags {
	FIELD_REQUIRED = 1,
	FIELD_LATER = 2,             /* known, and refused as "not built yet" */
	FIELD_NO_SECRET = 4,         /* a secret may not stand here (S1) */
	FIELD_ADDS_UP = 8,           /* layers: own entries first, then below */
	FIELD_BY_KEY = 16,           /* layers: merged key by key */
	FIELD_OWN = 32,              /* not in defaults or templates */
	FIELD_INPUTS = 64,           /* declarations that `with` fills: needed
	                                unless they say otherwise; may be secret */
	FIELD_PROGRAM = 128,         /* only beside a kind that runs a program */
	FIELD_CALLER = 256,          /* may also stand beside `include` */
};

struct field {
	const char *key;
	const struct field_type *type;
	size_t offset;
	unsigned flags;
	const void *arg;             /* of the type: a shape, enum words, … */
	const char *help;            /* one sentence for the manual */
};

struct shape {
	const char *name;            /* "a step", for messages */
	const struct field *fields;  /* ends with a row whose key is NULL */
	size_t size;                 /* of the struct */
	const char *help;
};

/* What a kind looks like in a book. The kinds' rows are passed down: book
 * knows no kind by name. */
struct kind_shape {
	const char *name;            /* the key: "run" */
	const char *help;
	struct field value;          /* row for the value of the key */
	size_t size;                 /* of the spec that is decoded */
};

/* Types. The C type of the member is in the comment. */
extern const struct field_type
    field_text,          /* struct text *        text with ${{ }} */
    field_expr,          /* struct expr *        a bare expression */
    field_plain,         /* const char *         text without expressions */
    field_name,          /* const char *         [a-z][a-z0-9_]*, <= 64 bytes */
    field_bool,          /* bool */
    field_int,           /* int64_t */
    field_duration,      /* nsec */
    field_size,          /* int64_t */
    field_enum,          /* int; arg: const char *const words[] + NULL */
    field_texts,         /* struct texts         one or a list of texts */
    field_ints,          /* struct ints */
    field_plains,        /* struct plains        list of words */
    field_patterns,      /* struct patterns      one or a list of PCRE2 */
    field_pattern,       /* struct pattern * */
    field_assigns,       /* struct assigns       name: text, typed */
    field_env,           /* struct assigns       NAME: text */
    field_exprs,         /* struct assigns       name: expr (outputs) */
    field_input,         /* struct input         text or {file: path} */
    field_declarations,  /* struct decls */
    field_conditions,    /* struct conds */
    field_captures,      /* struct captures */
    field_shape,         /* a struct in place; arg: const struct shape * */
    field_shape_list,    /* struct shapes        arg: const struct shape * */
    field_text_or_list,  /* struct text_or_list  run: shell text or argv */
    field_words,         /* struct words         word: one of arg (choices) */
    field_labels,        /* struct assigns       label: text (show) */
    field_renames,       /* struct assigns       any key: text */
    field_argv,          /* struct texts         a list, never bare text */
    field_kind,          /* struct body          the key may be any kind;
                            arg: "step", "look" or "undo" */
    field_later;         /* refused by name */

struct texts { struct text **v; size_t n; };
struct ints { long *v; size_t n; bool set; };
struct plains { const char **v; size_t n; };
struct pattern {
	struct text *text;
	struct rx *rx;               /* compiled when the text is literal */
};
struct patterns { struct pattern *v; size_t n; };
struct assign {
	const char *name;
	struct mark mark;            /* of the name */
	struct text *text;           /* one of the two */
	struct expr *expr;
};
struct assigns { struct assign *v; size_t n; };
struct input {
	bool set;
	struct text *text;           /* or a file of the book: */
	const char *file;            /* its path, */
	const char *digest;          /* SHA-256, hex, */
	const char *bytes;
	size_t len;
};
struct shapes { void *v; size_t n; };        /* n structs of arg->size */
struct text_or_list {
	struct text *text;           /* one of the two */
	struct text **list;
	size_t n;
	struct mark mark;
};
struct word { const char *key; int value; struct mark mark; };
struct words { struct word *v; size_t n; };

/* Decodes a map by the rows of a shape into `out` (shape->size zeroed bytes).
 * Unknown keys ("did you mean"), missing keys, wrong types, all at once. */
int shape_decode(struct decode *d, const struct shape *shape,
    const struct node *node, void *out);
int shape_walk(const struct shape *shape, const void *src,
    const struct visitor *v);
/* Visits everything in the spec of a kind. */
int kind_shape_walk(const struct kind_shape *kind, const void *spec,
    const struct visitor *v);

/* For types that kinds define themselves. */
struct arena *decode_arena(struct decode *d);
struct errs *decode_errs(struct decode *d);

#endif
