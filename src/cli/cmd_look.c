/* status list log journal: what runs say about themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "book/json.h"
#include "cli/cli.h"
#include "journal/journal.h"
#include "journal/rundir.h"
#include "plan/plan.h"
#include "report/line.h"
#include "report/status.h"

static void
print_status(const struct given *g, const struct cli_run *r)
{
	struct buf out = BUF_INIT(64 * MIB);
	struct status s = {
		.run = r->dir->id, .title = r->facts.title, .plan = r->plan,
		.fold = r->fold, .reader = r->reader,
		.driver = rundir_lock_holder(r->dir),
		.now = clock_wall(clock_real()),
	};

	if (given_has(g, "--json"))
		cli_json(status_json(&s));
	else
		status_text(&s, &out);
	cli_out(&out);
	buf_free(&out);
}

static int
status(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct err err = ERR_INIT;
	struct rundir *dir;
	struct cli_run r;
	int result = EXIT_USAGE;

	if (!cli_given(cmd, argc, argv, &g, &result))
		return result;
	dir = cli_run_open(given_word(&g, 0), &err);
	if (dir != NULL && cli_run_read(dir, &r, &err) == 0) {
		print_status(&g, &r);
		result = EXIT_DONE;
		cli_run_free(&r);
	}
	if (err.set)
		cli_fail(&err);
	given_free(&g);
	return result;
}

/* ---- list */

static json_t *
run_json(const struct rundir *dir, const struct fold *f)
{
	return json_pack("{s:s, s:s, s:i, s:I}", "run", dir->id, "state",
	    run_state_name(fold_state(f)), "driver",
	    rundir_lock_holder(dir), "records", (json_int_t)fold_records(f));
}

/* A run that cannot be read, or that is only being made. */
static json_t *
unreadable_json(const char *id, const struct err *err)
{
	struct buf text = BUF_INIT(MIB);
	json_t *v;

	escape_line(&text, err->text, strlen(err->text));
	v = json_pack("{s:s, s:n, s:i, s:s}", "run", id, "state", "driver", 0,
	    "error", text.data);
	buf_free(&text);
	return v;
}

static void
list_one(const char *state, const char *id, bool as_json, json_t *all,
    struct buf *out)
{
	struct err err = ERR_INIT;
	struct rundir *dir = rundir_open(state, id, &err);
	struct fold *f = dir == NULL ? NULL : cli_fold_only(dir, &err);

	if (f != NULL && as_json) {
		json_array_append_new(all, run_json(dir, f));
	} else if (as_json) {
		json_array_append_new(all, unreadable_json(id, &err));
	} else if (f != NULL) {
		buf_addf(out, "%-44s ", id);
		format_time(out, fold_first_at(f));
		buf_adds(out, "  ");
		status_word(f, rundir_lock_holder(dir), out);
		buf_addc(out, '\n');
	} else {
		buf_addf(out, "%-44s cannot be read: ", id);
		escape_line(out, err.text, strlen(err.text));
		buf_addc(out, '\n');
	}
	fold_free(f);
	rundir_close(dir);
	err_free(&err);
}

static int
list(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT(16 * MIB);
	char *state, **ids = NULL;
	size_t n = 0, i;
	json_t *all = json_array();
	int result = EXIT_USAGE;

	if (!cli_given(cmd, argc, argv, &g, &result))
		return result;
	state = state_dir(&err);
	if (state != NULL && rundir_list(state, &ids, &n, &err) == 0)
		result = EXIT_DONE;
	for (i = 0; i < n; i++) {
		list_one(state, ids[i], given_has(&g, "--json"), all, &out);
		free(ids[i]);
	}
	if (err.set)
		cli_fail(&err);
	else if (given_has(&g, "--json"))
		cli_json(json_incref(all));
	cli_out(&out);
	json_decref(all);
	buf_free(&out);
	free(ids);
	free(state);
	given_free(&g);
	return result;
}

/* ---- log */

static void
show_bytes(const char *s, size_t n, bool raw)
{
	struct buf out = BUF_INIT((size_t)-1);

	if (raw)
		buf_add(&out, s, n);
	else
		escape_terminal(&out, s, n);
	cli_out(&out);
	buf_free(&out);
}

/* The output of one attempt: from its end record or its file in log/. */
static void
show_output(const struct rundir *dir, const json_t *p, const char *key,
    bool raw)
{
	struct buf name = BUF_INIT(64), bytes = BUF_INIT((size_t)-1);
	struct arena *a = arena_new();
	struct err err = ERR_INIT;
	const char *file;

	buf_addf(&name, "%s_file", key);
	file = json_string_value(json_object_get(p, name.data));
	if (file != NULL && strncmp(file, "log/", 4) == 0) {
		if (file_read_beneath(dir->log_fd, file + 4, &bytes, &err) == 0)
			show_bytes(bytes.data, bytes.len, raw);
		else
			cli_fail(&err);
	} else if (json_object_get(p, key) != NULL) {
		struct value v = value_from_record(a, json_object_get(p, key));

		if (v.type == VALUE_STRING)
			show_bytes(v.u.string.p, v.u.string.n, raw);
	}
	arena_free(a);
	buf_free(&name);
	buf_free(&bytes);
	err_free(&err);
}

static int
log_records(const struct rundir *dir, const char *step, bool raw,
    struct err *err)
{
	struct journal_reader *reader = journal_reader_open(dir->fd, err);
	struct record record;
	int got = -1;

	while (reader != NULL &&
	    (got = journal_reader_next(reader, &record, err)) == 1) {
		json_t *p = record_parse(&record, err);
		struct buf out = BUF_INIT(16 * MIB);

		if (p == NULL)
			got = -1;
		else if (step == NULL)
			line_record(&out, dir->id, &record, p);
		else if (record.type == RECORD_STEP_END && str_eq(step,
		    json_string_value(json_object_get(p, "step")))) {
			show_output(dir, p, "out", raw);
			show_output(dir, p, "err", raw);
		}
		cli_out(&out);
		buf_free(&out);
		json_decref(p);
		if (got < 0)
			break;
	}
	journal_reader_close(reader);
	return got;
}

static int
log_cmd(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct err err = ERR_INIT;
	struct rundir *dir;
	struct view view = { true, false, 0, NULL };
	int result = EXIT_USAGE;

	if (!cli_given(cmd, argc, argv, &g, &result))
		return result;
	dir = cli_run_open(given_word(&g, 0), &err);
	if (dir != NULL && given_has(&g, "--raw") && isatty(1))
		err_set(&err, "--raw goes to a file or a pipe, never to a "
		    "terminal");
	else if (dir != NULL && given_has(&g, "-f"))
		result = cli_view(dir, &view);
	else if (dir != NULL && log_records(dir, given_word(&g, 1),
	    given_has(&g, "--raw"), &err) == 0)
		result = EXIT_DONE;
	rundir_close(dir);
	if (err.set)
		result = cli_fail(&err);
	given_free(&g);
	return result;
}

/* ---- journal */

static int
journal_check(const struct given *g, const struct rundir *dir,
    struct err *err)
{
	struct fold *f = NULL;
	struct journal_reader *reader = cli_fold(dir, &f, err);
	const char *head = given_value(g, "--head");
	int result = EXIT_USAGE;

	if (reader != NULL && head != NULL &&
	    strcmp(head, journal_reader_head(reader)) != 0)
		err_set(err, "the head is %s, not %s: the journal has grown, "
		    "or was written anew", journal_reader_head(reader), head);
	else if (reader != NULL) {
		printf("%s: %llu records, the chain is whole, head %s\n",
		    dir->id, (unsigned long long)fold_records(f),
		    journal_reader_head(reader));
		result = EXIT_DONE;
	}
	journal_reader_close(reader);
	fold_free(f);
	return result;
}

static int
journal_show(const struct rundir *dir, struct err *err)
{
	struct journal_reader *reader = journal_reader_open(dir->fd, err);
	struct record record;
	int got = -1;

	while (reader != NULL &&
	    (got = journal_reader_next(reader, &record, err)) == 1) {
		struct buf out = BUF_INIT((size_t)-1);

		escape_line(&out, record.line, record.len);
		buf_addc(&out, '\n');
		cli_out(&out);
		buf_free(&out);
	}
	journal_reader_close(reader);
	return got == 0 ? EXIT_DONE : EXIT_USAGE;
}

static int
journal(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct err err = ERR_INIT;
	struct rundir *dir;
	const char *what;
	int result = EXIT_USAGE;

	if (!cli_given(cmd, argc, argv, &g, &result))
		return result;
	what = given_word(&g, 0);
	dir = cli_run_open(given_word(&g, 1), &err);
	if (dir != NULL && strcmp(what, "check") == 0)
		result = journal_check(&g, dir, &err);
	else if (dir != NULL && strcmp(what, "show") == 0)
		result = journal_show(dir, &err);
	else if (dir != NULL)
		err_set(&err, "cairn journal checks or shows; '%s' is "
		    "neither", what);
	rundir_close(dir);
	if (err.set)
		result = cli_fail(&err);
	given_free(&g);
	return result;
}

static const struct opt json_opts[] = {
	{ "--json", NULL, "for machines" },
	{ NULL, NULL, NULL },
};
static const struct opt log_opts[] = {
	{ "-f", NULL, "goes on as the run goes on" },
	{ "--raw", NULL, "the bytes as they were printed, secrets masked" },
	{ NULL, NULL, NULL },
};
static const struct opt journal_opts[] = {
	{ "--head", "DIGEST", "the head that was kept elsewhere" },
	{ NULL, NULL, NULL },
};

const struct cmd cmd_status = {
	.name = "status", .args = "[RUN] [--json]",
	.help = "Shows where a run stands and what it waits for",
	.opts = json_opts, .run = status, .max = 1,
};
const struct cmd cmd_list = {
	.name = "list", .args = "[--json]", .help = "Lists all runs",
	.opts = json_opts, .run = list,
};
const struct cmd cmd_log = {
	.name = "log", .args = "[RUN] [STEP] [-f]",
	.help = "Shows what has happened, or the output of one step",
	.opts = log_opts, .run = log_cmd, .max = 2,
};
const struct cmd cmd_journal = {
	.name = "journal", .args = "check|show [RUN]",
	.help = "Checks or shows the journal of a run",
	.opts = journal_opts, .run = journal, .min = 1, .max = 2,
};
