/* How expressions look inside. Private to src/book/expr*.c.
 *
 * Bytes -> tokens (expr_lex.c) -> nodes (expr_parse.c, which asks
 * expr_check.c whether each new node can make sense) -> values (expr_eval.c,
 * operators in expr_op.c, functions in expr_function*.c). One pass, nothing
 * but the arena. */
#ifndef CAIRN_BOOK_EXPR_PRIVATE_H
#define CAIRN_BOOK_EXPR_PRIVATE_H

#include "base/limits.h"
#include "book/expr.h"

struct buf;
struct function;
struct rx;

/* Sets of types: what a node can yield, what a function takes. */
#define TYPE(t) (1u << (t))
#define TYPES_ANY (TYPE(VALUE_UNKNOWN) - 1)
#define TYPES_INTEGER (TYPE(VALUE_INT) | TYPE(VALUE_SIZE))
#define TYPES_NUMBER (TYPES_INTEGER | TYPE(VALUE_REAL))
#define TYPES_SCALAR (TYPES_NUMBER | TYPE(VALUE_BOOL) | TYPE(VALUE_STRING) | \
	TYPE(VALUE_DURATION) | TYPE(VALUE_TIME))
#define TYPES_NOT_NULL (TYPES_ANY & ~TYPE(VALUE_NULL))
/* "an int, a size or a real" */
void types_name(struct buf *out, unsigned types);

enum token_type {
	TOKEN_END, TOKEN_BAD, TOKEN_LITERAL, TOKEN_NAME,
	TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_IN,
	TOKEN_OPEN, TOKEN_CLOSE, TOKEN_OPEN_LIST, TOKEN_CLOSE_LIST,
	TOKEN_COMMA, TOKEN_DOT, TOKEN_ARROW, TOKEN_COALESCE,
	TOKEN_PLUS, TOKEN_MINUS, TOKEN_TIMES, TOKEN_DIVIDE, TOKEN_MODULO,
	TOKEN_EQ, TOKEN_NE, TOKEN_LT, TOKEN_LE, TOKEN_GT, TOKEN_GE,
};

struct token {
	enum token_type type;
	size_t at, len;              /* in the scalar */
	struct value literal;
};

struct lexer {
	const struct node *scalar;
	const char *s;               /* the scalar's bytes */
	size_t at, end;
	struct arena *arena;
	struct err *err;
};
/* TOKEN_BAD after an error that names the place. */
struct token lex_next(struct lexer *l);
/* Is the next thing "->"? */
bool lex_arrow_follows(const struct lexer *l);

enum expr_op {
	OP_LITERAL,
	OP_ROOT,             /* a root as a whole */
	OP_REF,              /* root.name */
	OP_LOCAL,            /* bound by x -> */
	OP_MEMBER,           /* args[0].name */
	OP_INDEX,            /* args[0][args[1]] */
	OP_LIST,
	OP_CALL,
	OP_LAMBDA,           /* x -> args[0]; only as an argument */
	OP_NOT, OP_AND, OP_OR, OP_COALESCE, OP_NEGATE,
	/* two evaluated operands: expr_op.c */
	OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE, OP_MODULO,
	OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_NOT_IN,
};

struct expr_node {
	enum expr_op op;
	unsigned types;              /* what it can yield */
	size_t at;                   /* where errors point, in the scalar */
	unsigned height;
	unsigned slot;               /* LOCAL, LAMBDA */
	const char *root;            /* ROOT, REF; of LOCAL and LAMBDA the x */
	const char *name;            /* REF, MEMBER */
	const struct function *function;
	struct expr_node **args;
	size_t n;
	struct value literal;
};

struct expr {
	const struct node *scalar;
	struct expr_node *root;
	const char *source;
	size_t at;
};

/* Longest chain of nodes that hang on each other: `a + b + c …`. */
#define EXPR_HEIGHT_MAX 1000

/* Is `name` (n bytes) one of the roots of language.md 1? */
const char *expr_root(const char *name, size_t n);
int expr_unknown_name(const char *name, struct mark mark, struct err *err);
/* Gives a finished node its types; -1 when it can never be evaluated. What is
 * made of constants alone becomes one. */
int expr_check(struct lexer *l, struct expr_node *node);

/* Patterns of matches() and replace(), compiled once an evaluation. */
struct pattern_kept {
	struct pattern_kept *next;
	const struct expr_node *node;
	struct value text;
	struct rx *rx;
};

struct eval {
	const struct node *scalar;
	const struct scope *scope;   /* NULL: constants only */
	struct arena *arena;
	struct err *err;
	size_t steps, max_steps;
	size_t bytes_before, max_bytes;  /* of the arena */
	bool exhausted;              /* one of the two maxima was hit */
	struct pattern_kept *patterns;
	struct value locals[LIMIT_EXPR_DEPTH + 1];   /* of x -> */
};
int eval_node(struct eval *ev, const struct expr_node *n, struct value *out);
/* Counts work; -1 when it is too much. Cheap enough for every loop. */
int eval_spend(struct eval *ev, const struct expr_node *n, size_t steps);
int eval_fail(struct eval *ev, const struct expr_node *n, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
/* Evaluates the body of a lambda with its variable set. */
int eval_lambda(struct eval *ev, const struct expr_node *lambda,
    struct value item, struct value *out);
void eval_init(struct eval *ev, const struct node *scalar,
    const struct scope *scope, struct arena *a, struct err *err);
void eval_end(struct eval *ev);

/* Flags of a result that was computed from v: a secret, or a list that holds
 * one, makes it a secret. */
unsigned flags_from(struct value v);
/* Flags that a member has because of its container. */
unsigned flags_of_member(struct value container);
bool marked_unknown(struct value v);
/* The first unknown in v, with the flags of v. */
struct value unknown_of(struct value v);

/* The two operands of an OP_ADD … OP_NOT_IN. */
int op_binary(struct eval *ev, const struct expr_node *n, struct value left,
    struct value right, struct value *out);
int op_negate(struct eval *ev, const struct expr_node *n, struct value v,
    struct value *out);
/* What the operator can yield for these types; 0: nothing. */
unsigned op_types(enum expr_op op, unsigned left, unsigned right);
/* Says that it cannot; `left` and `right` are shown when not NULL. */
int op_refuse(const struct node *scalar, const struct expr_node *n,
    unsigned left_types, const struct value *left, unsigned right_types,
    const struct value *right, struct err *err);
/* "+", "not in" */
const char *op_sign(enum expr_op op);
/* Are two values equal, in a list that holds them? 1, 0, -1: types differ. */
int op_same(struct value a, struct value b);

/* functions */
struct call {
	struct eval *ev;
	const struct expr_node *node;
	const struct value *args;    /* evaluated; a lambda's place is null */
	size_t n;
};

enum function_flags {
	FUNCTION_LAZY = 1,           /* evaluates its arguments itself */
	FUNCTION_LAMBDA = 2,         /* argument 2 is x -> */
	FUNCTION_IMPURE = 4,         /* now() */
	FUNCTION_MEMBERS = 8,        /* result is made of members as they are */
	FUNCTION_LOOKS_AT_UNKNOWN = 16,  /* copes with unknown members */
	FUNCTION_PATTERN = 32,       /* argument 2 is a pattern */
};

#define ARGS_ANY 255

struct function {
	struct expr_function_doc doc;
	unsigned min, max;           /* arguments; ARGS_ANY: no ceiling */
	unsigned flags;
	unsigned takes[3];           /* types; the last one repeats */
	unsigned yields;
	int (*call)(struct call *c, struct value *out);
};

const struct function *function_find(const char *name);
int function_unknown(const char *name, struct mark mark, struct err *err);
unsigned function_takes(const struct function *f, size_t i);
int function_call(struct eval *ev, const struct expr_node *n,
    struct value *out);
/* Says that argument i has a wrong type; v may be NULL. */
int function_refuse(const struct node *scalar, const struct expr_node *n,
    size_t i, unsigned types, const struct value *v, struct err *err);
/* An error of argument i, at its place. `hint` may be NULL. */
int call_fail(const struct call *c, size_t i, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int call_hint(const struct call *c, const char *hint);
/* A string result from a buffer, which is freed. -1 when it was cut. */
int call_arg_text(const struct call *c, struct buf *b, struct value *out);
/* Cost of looking at n bytes. */
int call_scan(const struct call *c, size_t bytes);

/* A pattern is a literal, or literals and re(x) joined by "+" (security.md
 * V2). Checks that, and compiles what can be compiled. */
int pattern_check(struct lexer *l, const struct expr_node *n);
/* The compiled pattern of argument 1, kept until the evaluation ends. */
const struct rx *pattern_get(const struct call *c);

int fn_if(struct call *, struct value *);
int fn_len(struct call *, struct value *);
int fn_keys(struct call *, struct value *);
int fn_values(struct call *, struct value *);
int fn_merge(struct call *, struct value *);
int fn_flatten(struct call *, struct value *);
int fn_sort(struct call *, struct value *);
int fn_unique(struct call *, struct value *);
int fn_first(struct call *, struct value *);
int fn_last(struct call *, struct value *);
int fn_contains(struct call *, struct value *);
int fn_startswith(struct call *, struct value *);
int fn_endswith(struct call *, struct value *);
int fn_matches(struct call *, struct value *);
int fn_replace(struct call *, struct value *);
int fn_split(struct call *, struct value *);
int fn_join(struct call *, struct value *);
int fn_lines(struct call *, struct value *);
int fn_words(struct call *, struct value *);
int fn_trim(struct call *, struct value *);
int fn_lower(struct call *, struct value *);
int fn_upper(struct call *, struct value *);
int fn_int(struct call *, struct value *);
int fn_real(struct call *, struct value *);
int fn_string(struct call *, struct value *);
int fn_duration(struct call *, struct value *);
int fn_size(struct call *, struct value *);
int fn_time(struct call *, struct value *);
int fn_json(struct call *, struct value *);
int fn_table(struct call *, struct value *);
int fn_re(struct call *, struct value *);
int fn_path_join(struct call *, struct value *);
int fn_base64(struct call *, struct value *);
int fn_sha256(struct call *, struct value *);
int fn_now(struct call *, struct value *);
int fn_since(struct call *, struct value *);
int fn_abs(struct call *, struct value *);
int fn_min(struct call *, struct value *);
int fn_max(struct call *, struct value *);
int fn_round(struct call *, struct value *);
int fn_is_null(struct call *, struct value *);
int fn_wild(struct call *, struct value *);
int fn_opt(struct call *, struct value *);
int fn_map(struct call *, struct value *);
int fn_filter(struct call *, struct value *);
int fn_any(struct call *, struct value *);
int fn_all(struct call *, struct value *);
int fn_sum(struct call *, struct value *);
int fn_merge_sum(struct call *, struct value *);
int fn_sum_columns(struct call *, struct value *);
int fn_intersection(struct call *, struct value *);
int fn_lower_keys(struct call *, struct value *);

#endif
