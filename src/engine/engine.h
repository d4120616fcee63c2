/* Inside the engine: what its parts share. Nobody above includes this.
 *
 * The loop is one sentence: read everything, fold into decisions, write and
 * sync once, start what is due (design.md 3). A task is one step of the plan
 * while a driver looks after it; the tasks decide, and leave what must happen
 * after the sync in `due`. */
#ifndef CAIRN_ENGINE_ENGINE_H
#define CAIRN_ENGINE_ENGINE_H

#include <jansson.h>

#include "base/vec.h"
#include "book/value.h"
#include "engine/run.h"
#include "job/slot.h"
#include "journal/fold.h"
#include "plan/plan.h"

struct arena;
struct engine;
struct journal;
struct loop;
struct map;
struct mask;
struct task;
struct undo_run;

/* Something that may begin only when this turn's records are on disk (P1). */
struct due {
	void (*act)(struct engine *e, void *arg);
	void *arg;
};

struct engine {
	const struct drive *drive;
	const struct book *book;
	struct plan *plan;
	struct arena *arena;           /* lives as long as the driver */
	struct journal *journal;
	struct fold *fold;
	struct loop *loop;
	struct slots *slots;
	struct mask *mask;             /* the secrets that were fetched */
	const struct clock *clock;

	struct value params, vars;
	const char *const *base_env;   /* declared environment of jobs */
	char *work_dir;

	struct map *tasks;             /* address -> struct task * */
	struct map *values;            /* address -> struct value *: ended steps */
	struct map *decides;           /* address -> JSON array: what was said */
	struct map *proven;            /* environment -> "": identity held once */
	VEC(struct due) due;

	nsec wake;                     /* mono: next moment to look; 0: none */
	nsec inbox_at;                 /* mono: look into the inbox then */
	bool put_off;                  /* a command waits there for its question */
	bool moved;                    /* this turn decided something */
	const char *until;             /* pause when this step is done, or NULL */
	bool pausing;                  /* start nothing more */
	bool stopping;                 /* and stop what runs */
	bool leaving;                  /* end now, leave jobs running */
	bool rebooted;                 /* the last driver lived in another boot */
	struct undo_run *undo;         /* steps are being taken back, or NULL */
	bool undoing;                  /* a person said so, it is on record */
	struct plan_step *undo_to;     /* down to here, or NULL: everything */
	size_t reached;                /* order of the first step not yet done */
	bool over;
	enum run_state end_state;
	const char *end_why;           /* in arena */
	nsec gates_until;              /* mono: until when gates look by themselves */
};

nsec engine_now(const struct engine *e);            /* wall */
void engine_wake(struct engine *e, nsec mono);      /* look again then */
void engine_due(struct engine *e, void (*act)(struct engine *, void *),
    void *arg);
/* Adds a record whose strings are masked first. Takes `payload`. */
void engine_record(struct engine *e, enum record_type type,
    const char *step, json_t *payload);
void engine_note(struct engine *e, const char *step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The run ends, as soon as nothing runs any more, in this state. The first
 * one wins. */
void engine_end(struct engine *e, enum run_state state, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Keeps an answer to the question of `step` (borrowed). */
void engine_remember(struct engine *e, const char *step, json_t *payload);
/* The step is pending again: nothing that its task knows counts any more. */
void engine_forget(struct engine *e, struct task *t);

/* JSON with every string masked; takes `json`, gives a new reference. */
json_t *engine_masked(const struct engine *e, json_t *json);

#endif
