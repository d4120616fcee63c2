/* The driver: one poll loop, the only writer of the journal. */
#include "engine/run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/mask.h"
#include "base/process.h"
#include "engine/command.h"
#include "engine/back.h"
#include "engine/environ.h"
#include "engine/recover.h"
#include "engine/surroundings.h"
#include "engine/task.h"
#include "engine/trouble.h"
#include "journal/journal.h"
#include "journal/rundir.h"

/* Nothing is due within this time: no process is needed to wait. */
#define SLEEP_BEYOND (15 * 60 * NSEC_PER_SEC)
#define INBOX_EVERY (5 * NSEC_PER_SEC)

/* ---- opening */

struct opening {
	struct engine *e;
	struct err *err;
};

/* Answers count until they are void; once a person said undo, the run only
 * goes back. */
static void
replay_decide(struct engine *e, json_t *payload)
{
	const char *step = json_string_value(json_object_get(payload, "step"));
	const char *what = json_string_value(json_object_get(payload, "what"));
	const char *to = json_string_value(json_object_get(payload, "to"));

	if (str_eq(what, "answer"))
		engine_remember(e, step, payload);
	if (str_eq(what, "undo")) {
		e->undoing = true;
		e->undo_to = to == NULL ? NULL : plan_find(e->plan, to);
	}
}

/* --until holds for the drivers after a crash or an answer too, until the run
 * came to an end of its own. */
static void
replay_until(struct engine *e, const json_t *driver)
{
	const char *until = json_string_value(json_object_get(driver,
	    "until"));

	e->until = until == NULL ? NULL : arena_strdup(e->arena, until);
}

static int
replay(const struct record *r, void *ctx)
{
	struct opening *o = ctx;
	struct engine *e = o->e;
	json_t *payload, *list;

	if (fold_apply(e->fold, r, o->err) != 0)
		return -1;
	if (r->type == RECORD_RUN_END)
		e->until = NULL;
	if (r->type != RECORD_DECIDE && r->type != RECORD_VOID &&
	    r->type != RECORD_DRIVER && r->type != RECORD_ITEMS)
		return 0;
	payload = record_parse(r, o->err);
	if (payload == NULL)
		return -1;
	if (r->type == RECORD_DRIVER)
		replay_until(e, payload);
	if (r->type == RECORD_DRIVER)
		e->rebooted = !str_eq(clock_boot(e->clock), json_string_value(
		    json_object_get(payload, "boot")));
	if (r->type == RECORD_ITEMS && plan_take_items(e->plan,
	    json_string_value(json_object_get(payload, "step")), payload,
	    o->err) != 0) {
		json_decref(payload);
		return -1;
	}
	if (r->type == RECORD_DECIDE)
		replay_decide(e, payload);
	if (r->type == RECORD_VOID) {
		json_t *address;
		size_t i;

		json_array_foreach(json_object_get(payload, "addresses"), i,
		    address) {
			list = map_get(e->decides, json_string_value(address));
			if (list != NULL)
				json_array_clear(list);
		}
	}
	json_decref(payload);
	return 0;
}

static int
fold_committed(const struct record *r, void *ctx)
{
	struct engine *e = ctx;
	struct err err = ERR_INIT;

	if (fold_apply(e->fold, r, &err) != 0)
		BUG("an illegal record was written: %s", err.text);
	return 0;
}

/* In a new supervisor: what is the driver's own goes. The memory of secrets is
 * gone already (MADV_WIPEONFORK). */
static void
in_supervisor(void *ctx)
{
	struct engine *e = ctx;

	loop_forked(e->loop);
}

/* vars: text, computed once, from params and run.id. */
static int
compute_vars(struct engine *e, struct err *err)
{
	const struct assigns *vars = &e->book->vars;
	struct value_map m = { .arena = e->arena };
	struct names names;
	size_t i;

	names_init(&names, e, NULL);
	for (i = 0; i < vars->n; i++) {
		struct value v;

		e->vars = value_map_done(&m);
		if (text_eval_typed(vars->v[i].text, &names.scope, e->arena,
		    &v, err) != 0)
			return err_place(err, vars->v[i].mark);
		value_map_put(&m, vars->v[i].name, strlen(vars->v[i].name), v);
	}
	e->vars = value_map_done(&m);
	return 0;
}

static void
record_driver(struct engine *e, size_t torn)
{
	pid_t pid = getpid();

	engine_record(e, RECORD_DRIVER, "", json_pack(
	    "{s:s, s:i, s:I, s:s, s:i, s:s*}", "cairn", PACKAGE_VERSION,
	    "pid", (int)pid, "start", (json_int_t)process_start(pid),
	    "boot", clock_boot(e->clock),
	    "epoch", (int)fold_epoch(e->fold) + (fold_epoch(e->fold) == 0),
	    "until", e->until));
	if (torn > 0)
		engine_note(e, "", "the last line of the journal was cut off "
		    "in the middle (%zu bytes); it was moved to journal.torn",
		    torn);
}

static void
warn_of_surroundings(struct engine *e)
{
	struct buf unit = BUF_INIT(4096);

	if (surroundings_take_along(&unit))
		engine_note(e, "", "this driver and its jobs live in %s: when "
		    "that is stopped, they are killed with it; systemd-run "
		    "--user --scope cairn resume would live outside",
		    unit.data);
	buf_free(&unit);
}

static int
open_journal(struct engine *e, struct err *err)
{
	const struct drive *d = e->drive;
	struct opening o = { e, err };
	size_t torn = 0;

	e->journal = journal_open(d->dir->fd, d->vfs, d->clock, replay, &o,
	    &torn, err);
	if (e->journal == NULL)
		return -1;
	/* whoever started us had looked before somebody closed it */
	if (fold_state(e->fold) == RUN_CLOSED)
		return err_set(err, "the run is closed; it takes nothing any "
		    "more");
	journal_on_commit(e->journal, fold_committed, e);
	if (d->until != NULL)
		e->until = d->until;
	record_driver(e, torn);
	warn_of_surroundings(e);
	return 0;
}

static void
engine_init(struct engine *e, const struct drive *d)
{
	e->drive = d;
	e->book = d->book;
	e->clock = d->clock;
	e->arena = arena_new();
	e->plan = plan_new(d->book);
	e->fold = fold_new();
	e->mask = mask_new();
	e->loop = loop_new();
	e->tasks = map_new();
	e->values = map_new();
	e->decides = map_new();
	e->proven = map_new();
	e->params = d->facts->params;
	e->vars = value_null();
	e->base_env = environ_declared(e->arena, d->facts->path);
	e->work_dir = arena_printf(e->arena, "%s/work", d->dir->path);
	e->end_state = RUN_RUNNING;
	e->gates_until = clock_mono(e->clock) + SLEEP_BEYOND;
	e->slots = slots_new(d->dir->job_fd, e->loop, kinds_workers(),
	    in_supervisor, e);
}

static void
engine_free(struct engine *e)
{
	size_t i;

	back_free(e);
	for (i = 0; i < map_count(e->tasks); i++)
		task_free(map_value(e->tasks, i));
	for (i = 0; i < map_count(e->decides); i++)
		json_decref(map_value(e->decides, i));
	slots_free(e->slots);
	journal_close(e->journal);
	map_free(e->tasks);
	map_free(e->values);
	map_free(e->decides);
	map_free(e->proven);
	fold_free(e->fold);
	plan_free(e->plan);
	mask_free(e->mask);
	loop_free(e->loop);
	vec_free(&e->due);
	arena_free(e->arena);
}

/* ---- resume: what may be tried again is */

static bool
may_try_again(struct engine *e, const struct plan_step *s,
    const struct fold_step *f)
{
	struct err err = ERR_INIT;
	json_t *end;
	bool again;

	if (f->state != STEP_FAILED && f->state != STEP_STOPPED)
		return false;
	/* its own `retry` has announced when */
	if (f->state == STEP_FAILED && retry_is_due(e, f))
		return false;
	if (s->step->repeatable || s->step->effect == EFFECT_READS)
		return true;
	end = f->end == 0 ? NULL : journal_payload(e->journal, f->end - 1,
	    &err);
	again = json_is_true(json_object_get(end, "nothing_done"));
	json_decref(end);
	err_free(&err);
	return again;
}

static void
try_again(struct engine *e)
{
	json_t *addresses = json_array();
	size_t i;

	for (i = 0; i < fold_count(e->fold); i++) {
		const struct fold_step *f = fold_at(e->fold, i);
		struct plan_step *s = plan_find(e->plan, f->address);

		if (s != NULL && may_try_again(e, s, f)) {
			json_array_append_new(addresses,
			    json_string(f->address));
			engine_forget(e, task_of(e, s));
		}
	}
	if (json_array_size(addresses) > 0)
		engine_record(e, RECORD_VOID, "", json_pack("{s:O, s:s}",
		    "addresses", addresses, "reason", "resume tries again "
		    "what did nothing, only reads, or may be repeated"));
	json_decref(addresses);
}

/* ---- deciding */

static void
bad_end(struct engine *e, const struct task *t)
{
	static const enum run_state of[STEP_STATES] = {
		[STEP_FAILED] = RUN_FAILED, [STEP_UNKNOWN] = RUN_UNKNOWN,
		[STEP_STOPPED] = RUN_STOPPED,
	};

	engine_end(e, of[t->state], "'%s' is %s", t->plan->address,
	    step_state_name(t->state));
}

/* The innermost task that went bad: what the end is about. */
static const struct task *
innermost(const struct task *t)
{
	while (t->phase == TASK_CHILDREN && t->bad != NULL)
		t = t->bad;
	return t;
}

static bool
is_until(const struct engine *e, const struct plan_step *s)
{
	return e->until != NULL && strcmp(s->address, e->until) == 0;
}

/* Advances the steps in their order; true: all of them are done. */
static bool
advance_steps(struct engine *e)
{
	const struct plan_phase *phases;
	size_t n = plan_phases(e->plan, &phases), i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < phases[i].n; k++) {
			struct plan_step *s = phases[i].steps[k];
			enum progress p;
			struct task *t;

			if (e->reached > s->order)
				continue;
			t = task_of(e, s);
			p = task_advance(t);
			if (p == PROGRESS_BAD)
				bad_end(e, innermost(t));
			if (p != PROGRESS_DONE)
				return false;
			e->reached = s->order + 1;
			task_drop(t);
			if (is_until(e, s)) {
				e->pausing = true;
				engine_end(e, RUN_PAUSED, "'%s' is done, and "
				    "the run goes no further", s->address);
				return false;
			}
		}
	return true;
}

static void
advance(struct engine *e)
{
	if (e->undo != NULL) {
		if (back_advance(e))
			engine_end(e, RUN_UNDONE, "everything is taken back");
	} else if (advance_steps(e)) {
		engine_end(e, RUN_DONE, "all steps are done");
	}
}

static bool
anything_runs(struct engine *e)
{
	size_t i;

	for (i = 0; i < map_count(e->tasks); i++) {
		const struct task *t = map_value(e->tasks, i);

		if (t != NULL && task_runs(t))
			return true;
	}
	return false;
}

static void
stop_all(struct engine *e)
{
	size_t i;

	for (i = 0; i < map_count(e->tasks); i++) {
		struct task *t = map_value(e->tasks, i);

		if (t != NULL)
			task_stop(t, "the run is being stopped");
	}
}

static bool
anything_waits(struct engine *e, json_t *waiting)
{
	bool looks = false;
	size_t i;

	for (i = 0; i < map_count(e->tasks); i++) {
		const struct task *t = map_value(e->tasks, i);

		if (t == NULL || t->phase == TASK_OVER)
			continue;
		if (t->asked != NULL && !t->answered)
			json_array_append_new(waiting,
			    json_string(t->plan->address));
		else if (t->phase != TASK_CHILDREN && t->phase != TASK_NEW)
			looks = true;
	}
	return json_array_size(waiting) > 0 && !looks;
}

/* When is the next thing due that needs this process? A gate that looks by
 * itself does not count, but it is given some time. */
static bool
may_sleep(struct engine *e)
{
	nsec now = clock_mono(e->clock);

	return !e->put_off &&
	    (e->wake == 0 || e->wake - now > SLEEP_BEYOND);
}

static void
record_end(struct engine *e)
{
	engine_record(e, RECORD_RUN_END, "", json_pack("{s:s, s:s}", "state",
	    run_state_name(e->end_state), "why", e->end_why));
	e->over = true;
}

static void
record_sleep(struct engine *e, json_t *waiting)
{
	nsec until = e->wake == 0 ? 0 :
	    engine_now(e) + e->wake - clock_mono(e->clock);

	e->end_state = RUN_WAITING;
	engine_record(e, RECORD_SLEEP, "", json_pack("{s:I, s:s, s:O}",
	    "until", (json_int_t)until, "why", "a person or a time is waited "
	    "for, and nothing runs", "waiting", waiting));
	e->over = true;
}

/* Has this driver done what it can? */
static void
conclude(struct engine *e)
{
	json_t *waiting;

	if (anything_runs(e)) {
		if (e->leaving) {
			engine_note(e, "", "the driver leaves; what runs goes "
			    "on, and cairn resume finds it");
			record_end(e);
		}
		return;
	}
	if (e->end_why != NULL && (e->pausing || e->end_state != RUN_PAUSED)) {
		record_end(e);
		return;
	}
	waiting = json_array();
	if (anything_waits(e, waiting) && may_sleep(e))
		record_sleep(e, waiting);
	json_decref(waiting);
	if (!e->over && !journal_has_room(e->journal))
		engine_end(e, RUN_PAUSED, "the disk of the state directory is "
		    "full: nothing more is started");
}

/* ---- the loop */

static void
perform_due(struct engine *e)
{
	size_t i;

	/* an act may add others: they belong to the same sync */
	for (i = 0; i < e->due.n; i++)
		e->due.v[i].act(e, e->due.v[i].arg);
	e->due.n = 0;
}

static void
on_signal(int sig, void *ctx)
{
	struct engine *e = ctx;

	if (sig == SIGHUP)
		return;
	engine_end(e, RUN_STOPPED, "the driver was told to end (signal %d)",
	    sig);
	e->pausing = e->leaving = true;
}

static void
on_inbox(int fd, void *ctx)
{
	struct engine *e = ctx;
	char events[4096];

	while (read(fd, events, sizeof events) > 0)
		continue;
	e->inbox_at = 0;
}

/* The inbox is watched; where that is not possible it is looked at often. */
static int
watch_inbox(struct engine *e)
{
	char path[64];
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	snprintf(path, sizeof path, "/proc/self/fd/%d",
	    e->drive->dir->inbox_fd);
	if (fd >= 0 && inotify_add_watch(fd, path, IN_MOVED_TO) >= 0)
		loop_add(e->loop, fd, on_inbox, e);
	return fd;
}

static void
look_into_inbox(struct engine *e)
{
	nsec now = clock_mono(e->clock);

	if (now >= e->inbox_at) {
		e->inbox_at = now + INBOX_EVERY;
		commands_take(e);
	}
}

/* Read everything, fold into decisions, write and sync once, start what is
 * due. -1: the journal failed. */
static int
turn(struct engine *e, struct err *err)
{
	e->wake = 0;
	look_into_inbox(e);
	if (e->stopping)
		stop_all(e);
	advance(e);
	if (e->due.n == 0)
		conclude(e);
	e->moved = journal_pending(e->journal) || e->due.n > 0;
	if (journal_pending(e->journal) && journal_commit(e->journal, err) != 0)
		return -1;
	perform_due(e);
	return 0;
}

static void
rest(struct engine *e)
{
	nsec now = clock_mono(e->clock);

	engine_wake(e, e->inbox_at);
	/* what was just decided may allow more */
	loop_turn(e->loop, e->moved || e->wake <= now ? 0 : e->wake - now);
}

static int
work(struct engine *e, struct err *err)
{
	while (!e->over) {
		if (turn(e, err) != 0)
			return -1;
		if (!e->over)
			rest(e);
	}
	return 0;
}

static enum drive_end
end_status(const struct engine *e)
{
	static const enum drive_end of[RUN_STATES] = {
		[RUN_RUNNING] = DRIVE_ERROR, [RUN_WAITING] = DRIVE_WAITING,
		[RUN_PAUSED] = DRIVE_PAUSED, [RUN_STOPPED] = DRIVE_STOPPED,
		[RUN_FAILED] = DRIVE_FAILED, [RUN_UNKNOWN] = DRIVE_UNKNOWN,
		[RUN_DONE] = DRIVE_DONE, [RUN_UNDONE] = DRIVE_DONE,
		[RUN_CLOSED] = DRIVE_DONE,
	};

	return of[e->end_state];
}

static void
protect(void)
{
#ifndef CAIRN_SANITIZED
	struct rlimit core;

	prctl(PR_SET_DUMPABLE, 0);
	if (getrlimit(RLIMIT_CORE, &core) == 0) {
		core.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &core);
	}
#endif
	/* a job whose supervisor was killed comes to us, with its status */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static int
begin(struct engine *e, struct err *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	loop_signals(e->loop, signals, 3, on_signal, e);
	if (open_journal(e, err) != 0 || compute_vars(e, err) != 0)
		return -1;
	if (e->drive->resume)
		try_again(e);
	if (e->undoing && back_begin(e, e->undo_to, err) != 0)
		return -1;
	if (journal_commit(e->journal, err) != 0)
		return -1;
	recover_slots(e);
	return 0;
}

enum drive_end
run_drive(const struct drive *drive, struct err *err)
{
	struct engine e = { 0 };
	enum drive_end end = DRIVE_ERROR;
	int inbox;

	engine_init(&e, drive);
	protect();
	inbox = watch_inbox(&e);
	if (begin(&e, err) == 0 && work(&e, err) == 0)
		end = end_status(&e);
	engine_free(&e);
	if (inbox >= 0)
		close(inbox);
	return end;
}
