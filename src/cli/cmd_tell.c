/* answer pause stop retry done skip undo attach: a word to a run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/file.h"
#include "cli/cli.h"
#include "engine/back.h"
#include "journal/rundir.h"
#include "plan/plan.h"

/* Opens the run of the first word. NULL: *status is set. */
static struct cli_run *
open_run(const struct cmd *cmd, int argc, char **argv, struct given *g,
    int *status)
{
	struct err err = ERR_INIT;
	struct cli_run *r = NULL;
	struct rundir *dir;

	if (!cli_given(cmd, argc, argv, g, status))
		return NULL;
	dir = cli_run_open(given_word(g, 0), &err);
	if (dir != NULL) {
		r = xcalloc(1, sizeof *r);
		if (cli_run_read(dir, r, &err) != 0) {
			free(r);
			r = NULL;
		}
	}
	if (r == NULL) {
		*status = cli_fail(&err);
		given_free(g);
	}
	return r;
}

static void
close_run(struct cli_run *r, struct given *g)
{
	cli_run_free(r);
	free(r);
	given_free(g);
}

/* --set NAME=VALUE becomes the object "values". */
static int
add_values(const struct given *g, json_t *json, struct err *err)
{
	size_t n, i;
	const char **sets = given_values(g, "--set", &n);
	json_t *values = json_object();

	for (i = 0; i < n && !err->set; i++) {
		const char *eq = strchr(sets[i], '=');
		char *name;

		if (eq == NULL) {
			err_set(err, "--set wants NAME=VALUE, not '%s'",
			    sets[i]);
			break;
		}
		name = xstrndup(sets[i], (size_t)(eq - sets[i]));
		json_object_set_new(values, name, json_string(eq + 1));
		free(name);
	}
	if (n > 0)
		json_object_set(json, "values", values);
	json_decref(values);
	free(sets);
	return err->set ? -1 : 0;
}

static int
add_ticks(const struct given *g, json_t *json, struct err *err)
{
	size_t n, i;
	const char **ticks = given_values(g, "--tick", &n);
	json_t *list = json_array();

	for (i = 0; i < n; i++) {
		int64_t tick;

		if (parse_int(ticks[i], strlen(ticks[i]), &tick) != 0)
			err_set(err, "--tick wants a number, not '%s'",
			    ticks[i]);
		else
			json_array_append_new(list, json_integer(tick));
	}
	if (n > 0)
		json_object_set(json, "ticks", list);
	json_decref(list);
	free(ticks);
	return err->set ? -1 : 0;
}

/* "--choice WORD" becomes the member "choice". */
static void
add_word(const struct given *g, json_t *json, const char *opt)
{
	if (given_value(g, opt) != NULL)
		json_object_set_new(json, opt + 2,
		    json_string(given_value(g, opt)));
}

static int
tell(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct err err = ERR_INIT;
	int status;
	struct cli_run *r = open_run(cmd, argc, argv, &g, &status);
	json_t *json;

	if (r == NULL)
		return status;
	json = cli_command(cmd->name, &g);
	if (given_word(&g, 1) != NULL)
		json_object_set_new(json, "step",
		    json_string(given_word(&g, 1)));
	add_word(&g, json, "--choice");
	add_word(&g, json, "--confirm");
	add_word(&g, json, "--question");
	if (add_values(&g, json, &err) == 0 && add_ticks(&g, json, &err) == 0) {
		status = cli_send(r, json);
		if (status == EXIT_DONE)
			fprintf(stderr, "recorded in %s; cairn attach shows "
			    "how it goes on\n", r->dir->id);
	} else {
		json_decref(json);
		status = cli_fail(&err);
	}
	close_run(r, &g);
	return status;
}

/* Stopped means stopped: waits until what ran is known not to run. */
static int
tell_stop(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct fold *f = NULL;
	struct err err = ERR_INIT;
	int status;
	struct cli_run *r = open_run(cmd, argc, argv, &g, &status);

	if (r == NULL)
		return status;
	status = cli_send(r, cli_command("stop", &g));
	while (status == EXIT_DONE && rundir_lock_holder(r->dir) != 0)
		usleep(20000);
	if (status == EXIT_DONE &&
	    (f = cli_fold_only(r->dir, &err)) != NULL) {
		if (fold_state(f) == RUN_RUNNING)
			status = EXIT_UNKNOWN;
		fprintf(stderr, "%s is %s\n", r->dir->id,
		    run_state_name(fold_state(f)));
	}
	if (err.set)
		status = cli_fail(&err);
	fold_free(f);
	close_run(r, &g);
	return status;
}

/* ---- close */

/* What the run leaves behind: what began and is neither done nor skipped. */
static void
print_left_open(const struct fold *f)
{
	struct buf out = BUF_INIT(1024 * 1024);
	size_t i;

	for (i = 0; i < fold_count(f); i++) {
		const struct fold_step *s = fold_at(f, i);

		if (s->state == STEP_DONE || s->state == STEP_SKIPPED ||
		    s->state == STEP_UNDONE || s->state == STEP_PENDING)
			continue;
		buf_addf(&out, "left %-10s ", step_state_name(s->state));
		escape_line(&out, s->address, strlen(s->address));
		buf_addc(&out, '\n');
	}
	cli_out(&out);
	buf_free(&out);
}

/* The driver took the word; only the end of the run makes it true. */
static int
wait_until_closed(const struct cli_run *r, struct err *err)
{
	struct fold *f;
	int status = EXIT_UNKNOWN;

	while (rundir_lock_holder(r->dir) != 0)
		usleep(20000);
	f = cli_fold_only(r->dir, err);
	if (f != NULL && fold_state(f) == RUN_CLOSED) {
		print_left_open(f);
		fprintf(stderr, "%s is closed for good; its journal and logs "
		    "stay\n", r->dir->id);
		status = EXIT_DONE;
	} else if (f != NULL) {
		err_set(err, "%s is not closed: its driver was lost before it "
		    "could be", r->dir->id);
		err_hint(err, "cairn close %s, once more", r->dir->id);
	}
	fold_free(f);
	return status;
}

static int
tell_close(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct err err = ERR_INIT;
	int status;
	struct cli_run *r = open_run(cmd, argc, argv, &g, &status);

	if (r == NULL)
		return status;
	if (run_state_ended(fold_state(r->fold))) {
		err_set(&err, "%s has ended already: it is %s", r->dir->id,
		    run_state_name(fold_state(r->fold)));
		status = EXIT_USAGE;
	} else {
		status = cli_send(r, cli_command("close", &g));
		if (status == EXIT_DONE)
			status = wait_until_closed(r, &err);
	}
	if (err.set)
		cli_fail(&err);
	close_run(r, &g);
	return status;
}

static int
attach(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct view view = { false, false, 0, NULL };
	int status;
	struct cli_run *r = open_run(cmd, argc, argv, &g, &status);

	if (r == NULL)
		return status;
	view.run = r;
	status = cli_view(r->dir, &view);
	close_run(r, &g);
	return status;
}

/* ---- undo */

static void
print_undo_plan(const struct cli_run *r, const struct plan_step *to)
{
	struct plan_step *const *steps;
	const struct plan_step **list =
	    xcalloc(plan_steps(r->plan, &steps) + 1, sizeof *list);
	size_t n = back_list(r->plan, r->fold, to, list), i;
	struct buf out = BUF_INIT(1024 * 1024);

	for (i = 0; i < n; i++) {
		const char *what = back_what(list[i]);

		buf_addf(&out, "%-24s ", list[i]->address);
		if (what == NULL)
			what = "the book does not say how";
		else if (list[i]->undo == NULL)
			buf_adds(&out, "nothing: ");
		escape_line(&out, what, strlen(what));
		buf_addc(&out, '\n');
	}
	if (n == 0)
		buf_adds(&out, "nothing to take back\n");
	cli_out(&out);
	buf_free(&out);
	free(list);
}

static int
undo(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct view view = { false, true, 0, NULL };
	int status;
	struct cli_run *r = open_run(cmd, argc, argv, &g, &status);
	const char *to;
	struct err err = ERR_INIT;
	json_t *json;

	if (r == NULL)
		return status;
	to = given_value(&g, "--to");
	if (to != NULL && plan_find(r->plan, to) == NULL) {
		err_set(&err, "there is no step '%s'", to);
		status = cli_fail(&err);
	} else if (given_has(&g, "--plan")) {
		print_undo_plan(r, to == NULL ? NULL : plan_find(r->plan, to));
		status = EXIT_DONE;
	} else {
		json = cli_command("undo", &g);
		if (to != NULL)
			json_object_set_new(json, "step", json_string(to));
		status = cli_send(r, json);
		view.run = r;
		if (status == EXIT_DONE)
			status = cli_view(r->dir, &view);
	}
	close_run(r, &g);
	return status;
}

/* ---- rows */

#define OPT_BY { "--by", "NAME", "in whose name" }
#define OPT_REASON { "--reason", "TEXT", "why; it is kept in the journal" }
#define OPT_END { NULL, NULL, NULL }

static const struct opt answer_opts[] = {
	{ "--tick", "N", "ticks point N of the list; may be given often" },
	{ "--set", "FIELD=VALUE", "fills a field; may be given often" },
	{ "--choice", "WORD", "one of the choices" },
	{ "--confirm", "WORDS", "the words that have to be typed exactly" },
	{ "--question", "DIGEST", "which question is answered, as status "
	    "shows it" },
	OPT_BY, OPT_REASON, OPT_END,
};
static const struct opt reason_opts[] = { OPT_BY, OPT_REASON, OPT_END };
static const struct opt done_opts[] = {
	{ "--set", "NAME=VALUE", "a capture that the step would have taken" },
	OPT_BY, OPT_REASON, OPT_END,
};
static const struct opt undo_opts[] = {
	{ "--to", "STEP", "down to this step, which is taken back too" },
	{ "--plan", NULL, "only shows what would be taken back" },
	OPT_BY, OPT_REASON, OPT_END,
};

const struct cmd cmd_answer = {
	.name = "answer", .args = "RUN STEP [options]",
	.help = "Answers a question of a run", .opts = answer_opts,
	.run = tell, .min = 2, .max = 2,
};
const struct cmd cmd_pause = {
	.name = "pause", .args = "[RUN]",
	.help = "Starts nothing more; what runs goes on",
	.opts = reason_opts, .run = tell, .max = 1,
};
const struct cmd cmd_stop = {
	.name = "stop", .args = "[RUN]",
	.help = "Starts nothing more, stops what runs, and confirms it",
	.opts = reason_opts, .run = tell_stop, .max = 1,
};
const struct cmd cmd_close = {
	.name = "close", .args = "[RUN]",
	.help = "Ends a run for good, done or not",
	.opts = reason_opts, .run = tell_close, .max = 1,
};
const struct cmd cmd_retry = {
	.name = "retry", .args = "RUN STEP --reason TEXT",
	.help = "Lets a failed, stopped or unknown step run once more",
	.opts = reason_opts, .run = tell, .min = 2, .max = 2,
};
const struct cmd cmd_done = {
	.name = "done", .args = "RUN STEP --reason TEXT",
	.help = "Says that a step was done by hand",
	.opts = done_opts, .run = tell, .min = 2, .max = 2,
};
const struct cmd cmd_skip = {
	.name = "skip", .args = "RUN STEP --reason TEXT",
	.help = "Leaves a step out",
	.opts = reason_opts, .run = tell, .min = 2, .max = 2,
};
const struct cmd cmd_attach = {
	.name = "attach", .args = "[RUN]",
	.help = "Follows a run from this terminal",
	.opts = NULL, .run = attach, .max = 1,
};
const struct cmd cmd_undo = {
	.name = "undo", .args = "[RUN] [options]",
	.help = "Takes back what was done, latest first",
	.opts = undo_opts, .run = undo, .max = 1,
};
