#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "journal/journal.h"
#include "journal/rundir.h"
#include "kind/kind.h"
#include "plan/plan.h"

/* ---- words and errors */

void
cli_out(const struct buf *b)
{
	fwrite(b->data, 1, b->len, stdout);
	fflush(stdout);
}

void
cli_talk(const struct buf *b)
{
	fwrite(b->data, 1, b->len, stderr);
}

void
cli_json(json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_ENSURE_ASCII);

	puts(text);
	free(text);
	json_decref(json);
}

int
cli_fail(struct err *err)
{
	struct buf b = BUF_INIT(1024 * 1024);

	buf_adds(&b, err->mark.source == NULL ? "cairn: " : "");
	err_print(err, &b);
	cli_talk(&b);
	buf_free(&b);
	err_free(err);
	return EXIT_USAGE;
}

int
cli_fail_all(struct errs *errs)
{
	struct buf b = BUF_INIT(16 * 1024 * 1024);

	errs_sort(errs);
	errs_print(errs, &b);
	buf_addf(&b, "%zu error%s\n", errs->list.n,
	    errs->list.n == 1 ? "" : "s");
	cli_talk(&b);
	buf_free(&b);
	errs_free(errs);
	return EXIT_USAGE;
}

bool
cli_given(const struct cmd *cmd, int argc, char **argv, struct given *out,
    int *status)
{
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT(64 * 1024);

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		cmd_usage(cmd, &b);
		cli_out(&b);
		buf_free(&b);
		memset(out, 0, sizeof *out);
		*status = EXIT_DONE;
		return false;
	}
	if (given_parse(cmd, argc, argv, out, &err) == 0)
		return true;
	given_free(out);
	*status = cli_fail(&err);
	return false;
}

/* ---- books */

/* Splits a path into folder and file; a folder means its runbook.yaml. */
static void
split_path(const char *path, struct cli_book *out)
{
	const char *slash;
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		size_t n = strlen(path);

		out->folder = xasprintf("%s%s", path,
		    path[n - 1] == '/' ? "" : "/");
		out->file = xstrdup("runbook.yaml");
		return;
	}
	slash = strrchr(path, '/');
	out->folder = slash == NULL ? xstrdup("") :
	    xstrndup(path, (size_t)(slash - path) + 1);
	out->file = xstrdup(slash == NULL ? path : slash + 1);
}

int
cli_book_load(const char *path, bool only_lint, struct cli_book *out)
{
	struct errs errs = { 0 }, warnings = { 0 };
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT(1024 * 1024);
	const char *folder;

	memset(out, 0, sizeof *out);
	split_path(path, out);
	folder = out->folder[0] == '\0' ? "." : out->folder;
	out->place.dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	out->place.file = out->file;
	out->place.shown = out->folder;
	out->place.only_lint = only_lint;
	/* a book is a folder of its own when its file says so by its name */
	out->place.single = strcmp(out->file, "runbook.yaml") != 0;
	if (out->place.dirfd < 0) {
		err_errno(&err, "%s", folder);
		return cli_fail(&err), -1;
	}
	out->book = book_load(&out->place, kinds_for_book(), &errs, &warnings);
	errs_sort(&warnings);
	errs_print_warnings(&warnings, &b);
	cli_talk(&b);
	buf_free(&b);
	errs_free(&warnings);
	if (out->book == NULL)
		return cli_fail_all(&errs), -1;
	return 0;
}

void
cli_book_free(struct cli_book *b)
{
	book_free(b->book);
	if (b->place.dirfd >= 0)
		close(b->place.dirfd);
	free(b->folder);
	free(b->file);
}

/* ---- runs */

struct journal_reader *
cli_fold(const struct rundir *dir, struct fold **out, struct err *err)
{
	struct journal_reader *r = journal_reader_open(dir->fd, err);
	struct fold *f = fold_new();
	struct record record;
	int got = -1;

	while (r != NULL && (got = journal_reader_next(r, &record, err)) == 1)
		if (fold_apply(f, &record, err) != 0) {
			got = -1;
			break;
		}
	if (got != 0) {
		journal_reader_close(r);
		fold_free(f);
		return NULL;
	}
	*out = f;
	return r;
}

struct fold *
cli_fold_only(const struct rundir *dir, struct err *err)
{
	struct fold *f = NULL;

	journal_reader_close(cli_fold(dir, &f, err));
	return f;
}

/* Left out: the only unfinished run, else the newest. */
static struct rundir *
pick_run(const char *state, bool newest, struct err *err)
{
	struct rundir *dir = NULL;
	char **ids = NULL, *open_id = NULL;
	struct buf list = BUF_INIT(4096);
	size_t n = 0, unfinished = 0, i;

	if (rundir_list(state, &ids, &n, err) != 0)
		return NULL;
	for (i = 0; i < n && !newest; i++) {
		struct err ignored = ERR_INIT;
		struct fold *f = NULL;

		dir = rundir_open(state, ids[i], &ignored);
		f = dir == NULL ? NULL : cli_fold_only(dir, &ignored);
		if (f != NULL && !run_state_ended(fold_state(f))) {
			unfinished++;
			open_id = ids[i];
			buf_addf(&list, " %s", ids[i]);
		}
		fold_free(f);
		rundir_close(dir);
		err_free(&ignored);
	}
	dir = NULL;
	if (n == 0) {
		err_set(err, "there is no run in %s", state);
		err_hint(err, "cairn run BOOK begins one");
	} else if (unfinished > 1) {
		err_set(err, "several runs are unfinished:%s", list.data);
		err_hint(err, "name the one that you mean");
	} else {
		dir = rundir_open(state, open_id != NULL ? open_id :
		    ids[n - 1], err);
	}
	for (i = 0; i < n; i++)
		free(ids[i]);
	free(ids);
	buf_free(&list);
	return dir;
}

struct rundir *
cli_run_open(const char *word, struct err *err)
{
	char *state = state_dir(err);
	struct rundir *dir = NULL;

	if (state != NULL && (word == NULL || strcmp(word, "last") == 0))
		dir = pick_run(state, word != NULL, err);
	else if (state != NULL)
		dir = rundir_open(state, word, err);
	free(state);
	return dir;
}

static int
load_snapshot(struct cli_run *r, struct err *err)
{
	struct book_place place = { .dirfd = r->dir->book_fd,
	    .file = r->facts.book_file, .shown = "" };
	struct errs errs = { 0 }, warnings = { 0 };
	int result = 0;

	r->book = book_load(&place, kinds_for_book(), &errs, &warnings);
	if (r->book == NULL) {
		struct buf b = BUF_INIT(64 * 1024);

		/* the places die with `errs`, so they become text here */
		errs_sort(&errs);
		err_print(&errs.list.v[0], &b);
		result = err_set(err, "the book of %s cannot be read by this "
		    "cairn: %s", r->dir->id, b.data);
		buf_free(&b);
	}
	errs_free(&errs);
	errs_free(&warnings);
	return result;
}

/* A for_each comes before what stands in its items. */
static int
take_items(struct cli_run *r, struct err *err)
{
	size_t i;

	for (i = 0; i < fold_count(r->fold) && !err->set; i++) {
		const struct fold_step *f = fold_at(r->fold, i);
		json_t *items = f->items == 0 ? NULL : journal_reader_payload(
		    r->reader, f->items - 1, err);

		/* of an item that is none any more: nobody sees it */
		if (items != NULL && plan_find(r->plan, f->address) != NULL)
			plan_take_items(r->plan, f->address, items, err);
		json_decref(items);
	}
	return err->set ? -1 : 0;
}

int
cli_run_read(struct rundir *dir, struct cli_run *out, struct err *err)
{
	memset(out, 0, sizeof *out);
	out->dir = dir;
	out->arena = arena_new();
	if (run_facts_read(dir, out->arena, &out->facts, err) != 0 ||
	    load_snapshot(out, err) != 0 ||
	    (out->reader = cli_fold(dir, &out->fold, err)) == NULL) {
		cli_run_free(out);
		return -1;
	}
	out->plan = plan_new(out->book);
	if (take_items(out, err) != 0) {
		cli_run_free(out);
		return -1;
	}
	return 0;
}

void
cli_run_free(struct cli_run *r)
{
	journal_reader_close(r->reader);
	fold_free(r->fold);
	plan_free(r->plan);
	book_free(r->book);
	run_facts_free(&r->facts);
	arena_free(r->arena);
	rundir_close(r->dir);
	memset(r, 0, sizeof *r);
}

int
cli_status_of(enum run_state s)
{
	static const int of[RUN_STATES] = {
		[RUN_RUNNING] = EXIT_UNKNOWN, [RUN_WAITING] = EXIT_WAITING,
		[RUN_PAUSED] = EXIT_WAITING, [RUN_STOPPED] = EXIT_STOPPED,
		[RUN_FAILED] = EXIT_FAILED, [RUN_UNKNOWN] = EXIT_UNKNOWN,
		[RUN_DONE] = EXIT_DONE, [RUN_UNDONE] = EXIT_DONE,
		[RUN_CLOSED] = EXIT_DONE,
	};

	return of[s];
}
