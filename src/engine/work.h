/* Making the job of a body and reading its result: shared by steps, looks and
 * undo steps. */
#ifndef CAIRN_ENGINE_WORK_H
#define CAIRN_ENGINE_WORK_H

#include "engine/output.h"
#include "engine/scope.h"
#include "kind/kind.h"

/* A body with its host: one that is computed is looked up now. -1 with err:
 * there is no such host. */
int work_body(const struct body *body, struct names *names, struct arena *a,
    struct body *out, struct err *err);
/* Fills what a kind gets for one attempt or look. `names` must outlive it. */
void work_call(struct kind_call *call, struct names *names,
    const struct body *body, struct arena *a, const char *nonce,
    enum effect effect, bool is_look);

/* A job has ended: what it printed and what its kind makes of it. */
struct work_result {
	struct output out, err;
	struct value_map self;       /* rc, out, err, … of the kind */
	struct value_map results;    /* the kind's own, without out and err */
	bool began;                  /* false: could not even be executed */
};
/* Reads output and result of an ended job. -1 with err: the work failed, or
 * its result cannot be read; what could be read is in `w` all the same. */
int work_read(struct engine *e, const struct kind_call *call, int slot,
    const struct job_result *r, struct work_result *w, struct err *err);
void work_free(struct work_result *w);
/* Is the exit status one of the declared ones (default 0)? Kinds that run no
 * program have no status. -1 with err when not. */
int work_check_status(const struct ints *ok_exit, const struct value *self,
    struct err *err);

#endif
