/* What a step can do. A kind is: rows, make a job, read its result.
 *
 * Adding a kind: src/kind/foo.c with `const struct kind kind_foo`, its line in
 * kinds[] (kind.c), its files in Makefile.am, and tests; doc/adding-a-kind.md
 * is a worked example. The engine sees this header only. */
#ifndef CAIRN_KIND_KIND_H
#define CAIRN_KIND_KIND_H

#include <jansson.h>
#include <stdbool.h>

#include "book/book.h"
#include "book/decode.h"
#include "job/slot.h"

enum kind_flow {
	FLOW_JOB,            /* a command or a worker, in a slot */
	FLOW_PURE,           /* computed from recorded values by the driver */
	FLOW_QUESTION,       /* a person answers */
	FLOW_TIME,           /* until a moment */
};

/* What a kind gets for one attempt or look. */
struct kind_call {
	struct arena *arena;             /* of the attempt */
	const struct scope *scope;
	const struct body *body;         /* spec, cwd, env, input */
	const char *work_dir;            /* default cwd, absolute */
	const char *const *base_env;     /* declared environment, "NAME=value" */
	int files_fd;                    /* the run's files/ */
	enum effect effect;
	bool is_look;
	const char *nonce;               /* of the attempt: CAIRN_JOB */
	const char *address;
	unsigned attempt;                /* of a step; 0: a look */
};

/* A job as it shall be sent, and as it is shown: quoted, secrets by name. */
struct kind_job {
	struct job_spec spec;
	struct value shown;              /* string */
};

/* What came back. */
struct kind_outcome {
	const struct job_result *job;    /* FLOW_JOB */
	const char *out, *err_out;       /* normalised; up to LIMIT_OUT_IN_EXPR */
	size_t out_len, err_len;
	bool out_cut;                    /* there was more: cannot tell */
};

/* A question for a person, resolved (FLOW_QUESTION, destroying steps). */
struct question {
	struct value ask;                /* string */
	struct value by;                 /* string or null */
	struct value show;               /* map label -> string */
	struct plains checklist;
	const struct decls *fields;      /* or NULL */
	const struct words *choices;     /* or NULL; values are enum choice */
	struct value confirm;            /* string or null */
	nsec valid;                      /* how long its permission lasts */
};
enum choice { CHOICE_CONTINUE, CHOICE_WAIT, CHOICE_UNDO, CHOICE_STOP };
extern const char *const choice_words[];

struct kind {
	struct kind_shape shape;
	enum kind_flow flow;
	enum effect effect;              /* default */
	enum effect (*effect_of)(const void *spec);     /* or NULL: `effect` */
	bool in_look, in_undo;
	bool runs_program;               /* host cwd env stdin ok_exit expect … */
	const char *const *leaves;       /* names in self, NULL-ended */
	const char *const *(*leaves_of)(const void *spec, struct arena *a);
	/* Own checks at lint time; NULL: none. */
	void (*check)(const void *spec, const struct body *body,
	    enum effect effect, struct errs *errs);

	/* FLOW_JOB. `make`: evaluates, fills the job; errors: nothing was done.
	 * `read`: the kind's values as a map (rc, status, …); -1: the work failed
	 * or its result cannot be read, with why. */
	int (*make)(const struct kind_call *call, struct kind_job *job,
	    struct err *err);
	int (*read)(const struct kind_call *call, const struct kind_outcome *o,
	    struct value *self, struct err *err);
	/* Did this interrupted job certainly not begin its effect? (http without
	 * its `sent` mark.) NULL: no. `out` is what it had printed. */
	bool (*not_begun)(const char *out, size_t n);
	/* May an interrupted one run again although it changes? (copy) */
	bool again;
	bool is_worker;                  /* its job is a worker (kind.c has the
	                                    row), not a command */

	/* FLOW_PURE: the values; -1: failed, with why (values are set if they
	 * could be computed: a reconcile shows its differences). */
	int (*compute)(const struct kind_call *call, struct value *self,
	    struct err *err);
	/* FLOW_QUESTION: `ask` resolves it. */
	int (*ask)(const struct kind_call *call, struct question *out,
	    struct err *err);
	/* FLOW_TIME: the moment, wall time. */
	int (*until)(const struct kind_call *call, nsec now, nsec *out,
	    struct err *err);
};

/* The registry: kinds[], NULL-terminated, and the views of it that the layers
 * below need. */
extern const struct kind *const kinds[];
const struct kind *kind_of(const struct kind_shape *shape);
const struct book_kinds *kinds_for_book(void);
/* Rows of all workers, for slots_new. */
const struct worker *kinds_workers(void);

#endif
