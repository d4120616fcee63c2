#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/source.h"
#include "cli/cli.h"
#include "journal/rundir.h"
#include "journal/vfs.h"
#include "plan/plan.h"
#include "yaml/load.h"

static const struct opt opts[] = {
	{ "--set", "NAME=VALUE", "sets a param; may be given often" },
	{ "--params", "FILE", "params from a YAML map; --set wins" },
	{ "--until", "STEP", "ends, paused, when this step is done" },
	{ "--new", NULL, "begins another run although one of this book is "
	    "unfinished" },
	{ "--foreground", NULL, "this process is the driver" },
	{ NULL, NULL, NULL },
};

/* --params FILE: the nodes, in the arena. 0 also without the option. */
static int
read_params(const char *path, struct arena *a, struct source **source,
    const struct node **node, struct errs *errs)
{
	struct buf b = BUF_INIT(LIMIT_BOOK_FILE);
	struct err err = ERR_INIT;
	FILE *f;

	if (path == NULL)
		return 0;
	f = fopen(path, "re");
	if (f == NULL)
		err_errno(&err, "%s", path);
	else if (file_read_fd(fileno(f), path, &b, &err) == 0) {
		*source = source_new(path, b.data, b.len);
		*node = yaml_load(a, *source, errs);
	}
	if (f != NULL)
		fclose(f);
	if (err.set)
		errs_take(errs, &err);
	buf_free(&b);
	return errs->list.n == 0 ? 0 : -1;
}

static int
resolve_params(const struct given *g, const struct book *book,
    struct arena *a, struct value *out)
{
	const struct node *node = NULL;
	struct source *source = NULL;
	struct errs errs = { 0 };
	const char **sets;
	size_t n;
	int result;

	sets = given_values(g, "--set", &n);
	result = read_params(given_value(g, "--params"), a, &source, &node,
	    &errs);
	if (result == 0)
		result = book_params(book, a, sets, n, node, out, &errs);
	if (result != 0)
		cli_fail_all(&errs);
	errs_free(&errs);
	source_free(source);
	free(sets);
	return result;
}

/* A second run of the same book beside an unfinished one is nearly always a
 * mistake for resume. */
static int
refuse_second(const char *state, const struct book *book, struct err *err)
{
	char **ids = NULL;
	size_t n = 0, i, len = strlen(book->name);

	if (rundir_list(state, &ids, &n, err) != 0)
		return -1;
	for (i = 0; i < n; i++) {
		struct fold *f = NULL;
		struct rundir *dir = NULL;
		struct err ignored = ERR_INIT;
		/* "<name>-YYYYMMDD-HHMM-xxxx" */
		bool same = strlen(ids[i]) == len + 19 &&
		    strncmp(ids[i], book->name, len) == 0;

		if (same && !err->set)
			dir = rundir_open(state, ids[i], &ignored);
		if (dir != NULL && (f = cli_fold_only(dir, &ignored)) != NULL &&
		    !run_state_ended(fold_state(f))) {
			err_set(err, "a run of this book is unfinished: %s (%s)",
			    ids[i], run_state_name(fold_state(f)));
			err_hint(err, "cairn resume %s goes on with it; --new "
			    "begins another beside it", ids[i]);
		}
		fold_free(f);
		rundir_close(dir);
		err_free(&ignored);
		free(ids[i]);
	}
	free(ids);
	return err->set ? -1 : 0;
}

static struct rundir *
begin(const struct given *g, const struct cli_book *b, struct value params,
    struct err *err)
{
	char *state = state_dir(err);
	struct rundir *dir = NULL;

	if (state != NULL && file_make_dirs(state, err) == 0 &&
	    (given_has(g, "--new") || refuse_second(state, b->book, err) == 0))
		dir = rundir_create(state, b->book->name, clock_real(), err);
	if (dir != NULL && rundir_is_network(dir))
		fputs("cairn: warning: the state directory is on a network "
		    "file system; locks and syncs may not mean what they "
		    "should\n", stderr);
	if (dir != NULL && run_begin(dir, b->book, &b->place, params,
	    getenv("PATH"), vfs_real(), clock_real(), err) != 0) {
		rundir_close(dir);
		dir = NULL;
	}
	free(state);
	return dir;
}

static int
check_until(const struct given *g, const struct cli_run *r, struct err *err)
{
	const char *until = given_value(g, "--until");
	struct plan_step *s = until == NULL ? NULL :
	    plan_find(r->plan, until);

	if (until != NULL && (s == NULL || s->parent != NULL ||
	    s->undo_of != NULL))
		return err_set(err, "--until: there is no step '%s' in the "
		    "phases of the book", until);
	return 0;
}

static int
execute(const struct given *g, struct rundir *dir, struct err *err)
{
	struct driver_wish wish = { given_value(g, "--until"), false };
	struct cli_run r;
	struct view view = { true, true, 0, &r };
	int status = EXIT_USAGE;

	if (cli_run_read(dir, &r, err) != 0)
		return EXIT_USAGE;
	if (check_until(g, &r, err) == 0) {
		if (given_has(g, "--foreground"))
			status = cli_driver_here(&r, &wish, err);
		else if (cli_driver_start(&r, &wish, err) >= 0)
			status = cli_view(r.dir, &view);
	}
	cli_run_free(&r);
	return status;
}

static int
run(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct cli_book b;
	struct err err = ERR_INIT;
	struct arena *a;
	struct value params = { 0 };
	struct rundir *dir = NULL;
	int status = EXIT_USAGE;

	if (!cli_given(cmd, argc, argv, &g, &status))
		return status;
	a = arena_new();
	if (cli_book_load(given_word(&g, 0), false, &b) == 0 &&
	    resolve_params(&g, b.book, a, &params) == 0) {
		dir = begin(&g, &b, params, &err);
		if (dir != NULL)
			status = execute(&g, dir, &err);
		if (err.set)
			cli_fail(&err);
	}
	cli_book_free(&b);
	arena_free(a);
	given_free(&g);
	return status;
}

const struct cmd cmd_run = {
	.name = "run", .args = "BOOK [options]",
	.help = "Executes a runbook: a file, or a folder with runbook.yaml",
	.opts = opts, .run = run, .min = 1, .max = 1,
};
