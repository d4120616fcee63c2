/* A runbook, decoded: what an author wrote, typed and with places. Plain data;
 * decode.h makes it, nothing changes it. Everything lives in book->arena. */
#ifndef CAIRN_BOOK_BOOK_H
#define CAIRN_BOOK_BOOK_H

#include <stdbool.h>

#include "base/digest.h"
#include "book/expr.h"
#include "book/field.h"
#include "book/text.h"
#include "book/value.h"

struct book_index;
struct check;
struct cond;
struct environment;
struct host;
struct map;
struct step;
struct step_file;

enum effect { EFFECT_DEFAULT, EFFECT_READS, EFFECT_CHANGES, EFFECT_DESTROYS };

enum decl_type {
	DECL_STRING, DECL_INT, DECL_REAL, DECL_BOOL, DECL_DURATION, DECL_SIZE,
	DECL_TIME, DECL_LIST, DECL_MAP, DECL_PATH, DECL_ENUM, DECL_SECRET,
	DECL_TYPES
};
extern const char *const decl_type_words[];     /* "string", …, NULL */

/* params, inputs, fields of a gate: one table. */
struct decl {
	const char *name;
	int type;                    /* enum decl_type */
	bool required;
	bool has_default;
	struct value def;            /* already converted to `type` */
	struct rx *pattern;          /* whole value, or NULL */
	const char *pattern_text;
	struct plains of;            /* enum words */
	bool multiline;
	const char *help;
	struct mark mark;
};
struct decls { struct decl *v; size_t n; };

enum capture_how { CAPTURE_EXPR, CAPTURE_MATCH, CAPTURE_PATH };
enum capture_pick { PICK_ONE, PICK_FIRST, PICK_LAST, PICK_ALL };
struct capture {
	const char *name;
	struct mark mark;
	enum capture_how how;
	struct expr *expr;
	struct pattern match;
	int pick;                    /* enum capture_pick */
	int type;                    /* enum decl_type, of a match */
	bool has_default;
	struct value def;
	struct text *path;
};
struct captures { struct capture *v; size_t n; };

/* Where and what: a step, a look, an undo. */
struct body {
	struct text *host_text;      /* as written, or NULL */
	struct host *host;           /* resolved when literal; local by default */
	struct text *cwd;
	struct assigns env;
	struct input input;          /* stdin */
	const struct kind_shape *kind;   /* NULL: none */
	void *spec;                  /* of the kind */
	struct mark mark;            /* of the kind's key, else of the body */
};

enum cond_how { COND_EXPR, COND_CHECK, COND_LOOK };
struct cond {
	enum cond_how how;
	struct mark mark;
	const struct node *node;     /* as written */
	bool whole;                  /* decoded without an error */
	struct text *title;          /* or NULL */
	struct expr *when;           /* false: not asked, counts as yes */
	struct expr *expr;           /* COND_EXPR */
	struct check *check;         /* COND_CHECK */
	const char *check_name;
	struct assigns with;
	struct body body;            /* COND_LOOK */
	nsec timeout;                /* 60 s by default */
	struct ints ok_exit;
	struct captures capture;
	struct expr *holds;
};
struct conds { struct cond *v; size_t n; };

/* A named check: a condition with inputs. */
struct check {
	const char *name;
	struct mark mark;
	struct decls inputs;
	struct cond cond;            /* never leads back to itself */
	const struct node *node;
	char digest[DIGEST_HEX + 1]; /* of what it means */
};

/* What the one who knows says of a failure: the first row that fits. */
enum trouble_event { TROUBLE_ANY, TROUBLE_FAILED, TROUBLE_UNKNOWN,
	TROUBLE_STOPPED };
struct trouble {
	struct pattern match;        /* text NULL: any failure */
	int event;                   /* enum trouble_event */
	struct text *say;
	struct plains offer;         /* words of the command line */
};

/* Tried again by itself: so many further attempts, after such a rest. */
struct retry {
	int64_t times;               /* 0: never */
	nsec delay;                  /* 10 s by default */
};

struct undo {
	struct text *none;           /* {none: why}, or NULL */
	struct step *step;           /* an ordinary step, address X!undo */
};

enum each_failure { EACH_STOP, EACH_COLLECT };
/* A step that is done once for each item of a list; `in` NULL: it is not. */
struct for_each {
	struct expr *in;
	struct expr *key;            /* over `item`; NULL: the item itself */
	struct text *title;          /* of one item, or NULL: the step's */
	int64_t parallel;            /* so many at a time; 0: one */
	int on_failure;              /* enum each_failure */
};

struct step {
	const char *id;              /* unique in its file or in the book */
	struct text *title;
	const char *ref;
	struct expr *when;
	struct for_each each;
	struct body body;
	struct step_file *include;   /* or NULL */
	const char *include_path;
	struct assigns with;
	struct conds require, done_when, verify;
	nsec within, every;          /* 0, 5 s (gates 30 s) */
	struct patterns expect, refuse;
	struct ints ok_exit;         /* default 0 */
	struct captures capture;
	enum effect effect;          /* EFFECT_DEFAULT: an include or a gate,
	                                which has none of its own */
	bool repeatable;             /* filled by default: true for reads */
	struct plains targets;       /* names of environments or hosts */
	const char *allowed_by;      /* id of a gate, or NULL */
	struct step *gate;           /* resolved allowed_by */
	struct undo *undo;           /* or NULL */
	nsec timeout;                /* 0: none */
	struct shapes trouble;       /* of struct trouble */
	struct retry retry;
	const char *template_name;   /* or NULL */
	struct mark mark;            /* of the id */
	const struct node *node;     /* merged with template and defaults */
	struct step_file *file;      /* where it stands; NULL: the book itself */
	size_t order;                /* in its file or in the book, from 0 */
	bool whole;                  /* decoded without an error */
	/* what it means (details.md 4): over the canonical JSON of the merged
	 * step with the digests of what it refers to, without titles, help,
	 * timeouts, places; "" with `only_lint` */
	char fingerprint[DIGEST_HEX + 1];
};
struct steps { struct step **v; size_t n; };

/* A file that `include` calls. Each `include` of one path shares it. */
struct step_file {
	const char *path;            /* below the book's folder */
	struct decls inputs;
	struct steps steps;
	struct assigns outputs;      /* name: expr */
	const struct node *node;
	struct map *by_id;           /* id -> struct step */
	char digest[DIGEST_HEX + 1]; /* of what it means */
};

struct phase {
	const char *id;
	struct text *title;
	struct expr *when;
	struct steps steps;          /* own, or of the included file */
	const char *include_path;
	struct mark mark;
};

struct host {
	const char *name;
	bool local;
	const char *environment_name;
	struct environment *environment;   /* or NULL */
	struct assigns env;
	struct mark mark;
	const struct node *node;
	char digest[DIGEST_HEX + 1]; /* of what it means */
};

struct environment {
	const char *name;
	struct text *title;
	struct conds identity;
	struct plains may_destroy;
	bool has_may_destroy;
	struct mark mark;
	const struct node *node;
	char digest[DIGEST_HEX + 1]; /* of what it means */
};

struct secret {
	const char *name;
	struct text *file;           /* one of the three */
	struct text *env;
	struct texts command;
	struct expr *when;
	const char *help;
	bool weak;
	struct mark mark;
};

/* Every file that was read, for the snapshot and its digests. */
struct book_file {
	const char *path;            /* below the folder */
	const struct source *source; /* YAML, or bytes of stdin: {file} */
	char digest[DIGEST_HEX + 1];
};

struct book {
	struct arena *arena;
	const char *name, *description;
	struct text *title;          /* or NULL: the name */
	struct decls params;
	struct assigns vars;
	struct { struct secret *v; size_t n; } secrets;
	struct { struct environment *v; size_t n; } environments;
	struct { struct host *v; size_t n; } hosts;      /* hosts.v[0]: local */
	struct { struct check *v; size_t n; } checks;
	struct { struct phase *v; size_t n; } phases;
	bool has_phases;             /* false: one nameless phase holds `steps` */
	struct { struct book_file *v; size_t n, cap; } files;
	const struct kind_shape *const *kinds;           /* NULL-terminated */
	struct book_index *index;    /* how the functions below find things */
};

/* By name; NULL when there is none. */
struct host *book_host(const struct book *b, const char *name);
struct environment *book_environment(const struct book *b, const char *name);
struct check *book_check(const struct book *b, const char *name);
struct secret *book_secret(const struct book *b, const char *name);
struct decl *decls_find(const struct decls *d, const char *name);
/* A step of the book's own steps (phases), by id. */
struct step *book_step(const struct book *b, const char *id);

#endif
