#include "engine/command.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mask.h"
#include "book/json.h"
#include "engine/back.h"
#include "engine/permit.h"
#include "engine/task.h"
#include "journal/inbox.h"
#include "journal/rundir.h"

#define LATER 1              /* not yet: the file stays where it is */
#define AGAIN (NSEC_PER_SEC / 20)

struct command {
	const json_t *json;
	const char *nonce;
	uid_t uid;
};

static const char *
word(const struct command *c, const char *key)
{
	return json_string_value(json_object_get(c->json, key));
}

/* Who said it, for the record: the uid is a fact, the rest is claimed. */
static json_t *
signed_by(const struct command *c, json_t *payload)
{
	static const char *const keys[] = { "login", "tty", "by", "reason" };
	size_t i;

	json_object_set_new(payload, "nonce", json_string(c->nonce));
	json_object_set_new(payload, "uid", json_integer(c->uid));
	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (word(c, keys[i]) != NULL)
			json_object_set(payload, keys[i],
			    json_object_get(c->json, keys[i]));
	return payload;
}

static struct plan_step *
step_of(struct engine *e, const struct command *c, struct err *err)
{
	const char *address = word(c, "step");
	struct plan_step *s;

	if (address == NULL) {
		err_set(err, "no step was named");
		return NULL;
	}
	s = plan_find(e->plan, address);
	if (s == NULL)
		err_set(err, "there is no step '%s'", address);
	return s;
}

/* A driver that has just begun is still on its way to the question: what is
 * asked may have to be looked at first. */
static bool
on_its_way(const struct task *t)
{
	return t->state == STEP_WAITING && t->asked == NULL &&
	    t->phase != TASK_OVER;
}

static int
command_answer(struct engine *e, const struct command *c, struct err *err)
{
	struct plan_step *s = step_of(e, c, err);

	if (s == NULL)
		return -1;
	if (on_its_way(task_of(e, s)))
		return LATER;
	return question_answer(task_of(e, s), c->json, c->uid, c->nonce, err);
}

static int
command_pause(struct engine *e, const struct command *c, struct err *err)
{
	(void)err;
	engine_record(e, RECORD_PAUSE, "", signed_by(c, json_pack("{s:s}",
	    "what", "pause")));
	e->pausing = true;
	engine_end(e, RUN_PAUSED, "it was paused");
	return 0;
}

static int
command_stop(struct engine *e, const struct command *c, struct err *err)
{
	(void)err;
	engine_record(e, RECORD_PAUSE, "", signed_by(c, json_pack("{s:s}",
	    "what", "stop")));
	e->pausing = e->stopping = true;
	/* whoever paused first and stops then has stopped it */
	if (e->end_why != NULL && e->end_state == RUN_PAUSED)
		e->end_why = NULL;
	engine_end(e, RUN_STOPPED, "it was stopped");
	return 0;
}

/* A job of it may run, as far as the records tell. */
static const char *
still_running(struct engine *e)
{
	size_t i;

	for (i = 0; i < fold_count(e->fold); i++) {
		const struct fold_step *f = fold_at(e->fold, i);
		const struct plan_step *s = plan_find(e->plan, f->address);

		/* what has steps inside has no job of its own */
		if ((f->state == STEP_RUNNING || f->state == STEP_STOPPING) &&
		    (s == NULL || (s->step->include == NULL && !s->each)))
			return f->address;
	}
	return NULL;
}

static int
command_close(struct engine *e, const struct command *c, struct err *err)
{
	const char *running = still_running(e);

	if (running != NULL) {
		err_set(err, "'%s' is running, and a run that is closed looks "
		    "after nothing any more", running);
		return err_hint(err, "cairn stop %s, then close it",
		    e->drive->dir->id);
	}
	engine_record(e, RECORD_DECIDE, "", signed_by(c, json_pack("{s:s}",
	    "what", "close")));
	e->pausing = true;
	e->end_why = NULL;
	engine_end(e, RUN_CLOSED, "it was closed");
	return 0;
}

/* ---- done, skip, retry: a person knows better */

static int
needs_reason(const struct command *c, struct err *err)
{
	const char *reason = word(c, "reason");

	if (reason != NULL && reason[0] != '\0')
		return 0;
	err_set(err, "a reason is needed");
	return err_hint(err, "--reason '…'");
}

static int
may_decide(struct task *t, struct err *err)
{
	if (task_runs(t))
		return err_set(err, "'%s' is running; cairn stop stops it",
		    t->plan->address);
	if (t->plan->each && t->plan->n > 0) {
		err_set(err, "'%s' goes through items, and each of them is "
		    "decided about by itself", t->plan->address);
		return err_hint(err, "such as %s",
		    t->plan->children[0]->address);
	}
	if (t->state == STEP_DONE || t->state == STEP_UNDONE)
		return err_set(err, "'%s' is %s already", t->plan->address,
		    step_state_name(t->state));
	return 0;
}

/* The captures that a step which is done by hand leaves: typed by `--set`. */
static int
given_captures(struct task *t, const struct command *c, json_t *out,
    struct err *err)
{
	const struct captures *cs = &t->step->capture;
	json_t *given = json_object_get(c->json, "values");
	size_t i;

	for (i = 0; i < cs->n; i++) {
		const json_t *text = json_object_get(given, cs->v[i].name);
		struct decl d = { .name = cs->v[i].name, .multiline = true,
		    .type = cs->v[i].type };
		struct value v;

		if (text == NULL) {
			err_set(err, "'%s' captures '%s', which is missing",
			    t->plan->address, cs->v[i].name);
			return err_hint(err, "--set %s=VALUE", cs->v[i].name);
		}
		if (cs->v[i].how != CAPTURE_MATCH ?
		    value_from_json(t->arena, json_string_value(text),
		    json_string_length(text), &v, err) != 0 :
		    decl_value_of_text(t->arena, &d, json_string_value(text),
		    json_string_length(text), &v, err) != 0)
			return -1;
		json_object_set_new(out, cs->v[i].name, value_to_record(v));
	}
	return 0;
}

static void
decide(struct engine *e, struct task *t, const struct command *c,
    const char *what)
{
	engine_record(e, RECORD_DECIDE, t->plan->address, signed_by(c,
	    json_pack("{s:s}", "what", what)));
	task_go(t, TASK_OVER);
}

static int
command_done(struct engine *e, const struct command *c, struct err *err)
{
	struct plan_step *s = step_of(e, c, err);
	json_t *captures = json_object(), *payload;
	nsec now = engine_now(e);
	struct task *t;

	if (s == NULL || needs_reason(c, err) != 0 ||
	    may_decide(t = task_of(e, s), err) != 0 ||
	    given_captures(t, c, captures, err) != 0) {
		json_decref(captures);
		return -1;
	}
	decide(e, t, c, "done");
	payload = json_pack("{s:i, s:s, s:s, s:I, s:I, s:o}", "attempt",
	    (int)t->attempt, "state", "done", "why", "by hand", "begin",
	    (json_int_t)now, "end", (json_int_t)now, "captures", captures);
	step_values_keep(e, s, RECORD_STEP_END, payload, NULL);
	engine_record(e, RECORD_STEP_END, s->address, payload);
	t->state = STEP_DONE;
	return 0;
}

static int
command_skip(struct engine *e, const struct command *c, struct err *err)
{
	struct plan_step *s = step_of(e, c, err);
	json_t *payload;
	struct task *t;

	if (s == NULL || needs_reason(c, err) != 0 ||
	    may_decide(t = task_of(e, s), err) != 0)
		return -1;
	decide(e, t, c, "skip");
	payload = json_pack("{s:s, s:s}", "state", "skipped", "why",
	    word(c, "reason"));
	step_values_keep(e, s, RECORD_STEP_SKIP, payload, NULL);
	engine_record(e, RECORD_STEP_SKIP, s->address, payload);
	t->state = STEP_SKIPPED;
	return 0;
}

static int
command_retry(struct engine *e, const struct command *c, struct err *err)
{
	struct plan_step *s = step_of(e, c, err);
	struct task *t;

	if (s == NULL || needs_reason(c, err) != 0)
		return -1;
	t = task_of(e, s);
	if (t->state != STEP_FAILED && t->state != STEP_UNKNOWN &&
	    t->state != STEP_STOPPED)
		return err_set(err, "'%s' is %s; only what failed, was "
		    "stopped, or is unknown can be tried again", s->address,
		    step_state_name(t->state));
	engine_record(e, RECORD_VOID, "", signed_by(c, json_pack("{s:[s]}",
	    "addresses", s->address)));
	engine_forget(e, t);
	return 0;
}

static int
command_resume(struct engine *e, const struct command *c, struct err *err)
{
	(void)e;
	(void)c;
	return err_set(err, "the run is under way already");
}

static int
command_undo(struct engine *e, const struct command *c, struct err *err)
{
	struct plan_step *to = NULL;

	if (word(c, "step") != NULL && (to = step_of(e, c, err)) == NULL)
		return -1;
	if (back_begin(e, to, err) != 0)
		return -1;
	engine_record(e, RECORD_DECIDE, "", signed_by(c, json_pack(
	    "{s:s, s:s*}", "what", "undo", "to", to == NULL ? NULL :
	    to->address)));
	return 0;
}

static const struct {
	const char *verb;
	int (*take)(struct engine *e, const struct command *c,
	    struct err *err);
} verbs[] = {
	{ "answer", command_answer },
	{ "pause", command_pause },
	{ "stop", command_stop },
	{ "close", command_close },
	{ "done", command_done },
	{ "skip", command_skip },
	{ "retry", command_retry },
	{ "resume", command_resume },
	{ "undo", command_undo },
};

static int
take(struct engine *e, const struct command *c, struct err *err)
{
	const char *verb = word(c, "verb");
	size_t i;

	for (i = 0; verb != NULL && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].verb, verb) == 0)
			return verbs[i].take(e, c, err);
	return err_set(err, "'%s' is not something a run can be told",
	    verb == NULL ? "" : verb);
}

/* False: it is left for a later turn. */
static bool
take_item(struct engine *e, const struct inbox_item *item)
{
	struct command c = { item->command, item->name, item->uid };
	struct err err = ERR_INIT;
	int taken = 0;

	/* a file of another name than a nonce is refused; its name may be
	 * anything */
	if (!utf8_valid(item->name, strlen(item->name)))
		c.nonce = "(a name that is no text)";
	if (fold_nonce_taken(e->fold, c.nonce))
		return true;
	if (item->command == NULL)
		err_set(&err, "%s", item->refused);
	else
		taken = take(e, &c, &err);
	if (err.set)
		engine_record(e, RECORD_REFUSED, "", json_pack(
		    "{s:s, s:s, s:s*}", "nonce", c.nonce, "reason",
		    err.text, "hint", err.hint));
	err_free(&err);
	return taken != LATER;
}

/* The record of it is on disk. */
static void
remove_file(struct engine *e, void *arg)
{
	inbox_remove(e->drive->dir->inbox_fd, e->drive->vfs, arg);
	free(arg);
}

void
commands_take(struct engine *e)
{
	struct inbox_item *items = NULL;
	struct err err = ERR_INIT;
	int n = inbox_read(e->drive->dir->inbox_fd, &items, &err), i;

	e->put_off = false;
	for (i = 0; i < n; i++)
		if (take_item(e, &items[i]))
			engine_due(e, remove_file, xstrdup(items[i].name));
		else
			e->put_off = true;
	if (e->put_off)
		e->inbox_at = clock_mono(e->clock) + AGAIN;
	inbox_items_free(items, n > 0 ? n : 0);
	err_free(&err);
}
