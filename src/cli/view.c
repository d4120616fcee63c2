/* Following a run on a terminal or in a pipe: the same records as on disk. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "journal/inbox.h"
#include "journal/journal.h"
#include "journal/rundir.h"
#include "report/line.h"

#define LOOK_AGAIN_MS 250

struct viewer {
	const struct rundir *dir;
	const struct view *view;
	struct journal_reader *reader;
	struct fold *fold;
	bool silent;                 /* what was there before we came */
	int watch;                   /* inotify, or -1 */
	int signals;                 /* signalfd for Ctrl-C */
	int interrupts;              /* how often it was pressed */
};

static void
print_record(struct viewer *v, const struct record *r)
{
	struct buf out = BUF_INIT(1024 * 1024);
	struct err err = ERR_INIT;
	json_t *payload = record_parse(r, &err);

	if (payload != NULL)
		line_record(&out, v->dir->id, r, payload);
	cli_talk(&out);
	json_decref(payload);
	buf_free(&out);
	err_free(&err);
}

/* Reads and prints what is new. -1: the journal is broken. */
static int
read_on(struct viewer *v, struct err *err)
{
	struct record r;
	int got;

	while ((got = journal_reader_next(v->reader, &r, err)) == 1) {
		if (fold_apply(v->fold, &r, err) != 0)
			return -1;
		if (!v->silent || (v->view->after > 0 &&
		    r.n > v->view->after))
			print_record(v, &r);
	}
	v->silent = false;
	return got;
}

static bool
anything_runs(const struct fold *f)
{
	size_t i;

	for (i = 0; i < fold_count(f); i++) {
		const struct fold_step *s = fold_at(f, i);

		if (s->slot >= 0 && (s->state == STEP_RUNNING ||
		    s->state == STEP_STOPPING))
			return true;
	}
	return false;
}

static bool
anybody_asked(const struct fold *f)
{
	size_t i;

	for (i = 0; i < fold_count(f); i++)
		if (fold_at(f, i)->state == STEP_WAITING &&
		    fold_at(f, i)->decide < fold_at(f, i)->ask)
			return true;
	return false;
}

/* Is there nothing more to see? */
static bool
over(struct viewer *v, bool driver, int *status)
{
	enum run_state s = fold_state(v->fold);

	if (!driver) {
		*status = cli_status_of(s);
		if (s == RUN_RUNNING)
			fprintf(stderr, "the driver of %s is gone; what it had "
			    "started goes on\n  cairn resume %s   takes the "
			    "run up again\n", v->dir->id, v->dir->id);
		return true;
	}
	/* a driver that was just started has something to say first */
	if (v->view->leave_when_waiting && anybody_asked(v->fold) &&
	    !anything_runs(v->fold) &&
	    fold_records(v->fold) > v->view->after) {
		*status = EXIT_WAITING;
		return true;
	}
	return false;
}

/* First Ctrl-C: start nothing more. Second: stop what runs. Third: leave. */
static bool
interrupted(struct viewer *v)
{
	struct signalfd_siginfo info;
	struct err err = ERR_INIT;
	char nonce[NONCE_HEX + 1];
	json_t *json;

	if (read(v->signals, &info, sizeof info) != sizeof info)
		return false;
	if (!v->view->leave_when_waiting || ++v->interrupts > 2) {
		fprintf(stderr, "leaving; the run goes on: cairn attach %s\n",
		    v->dir->id);
		return true;
	}
	json = json_pack("{s:s}", "verb", v->interrupts == 1 ? "pause" :
	    "stop");
	inbox_send(v->dir->inbox_fd, json, nonce, &err);
	fputs(v->interrupts == 1 ? "nothing more is started; Ctrl-C again "
	    "stops what runs\n" : "stopping what runs; Ctrl-C again leaves\n",
	    stderr);
	json_decref(json);
	err_free(&err);
	return false;
}

static void
rest(struct viewer *v)
{
	struct pollfd p[] = {
		{ .fd = v->watch, .events = POLLIN },
		{ .fd = v->signals, .events = POLLIN },
	};
	char events[4096];

	poll(p, 2, LOOK_AGAIN_MS);
	while (read(v->watch, events, sizeof events) > 0)
		continue;
}

static int
follow(struct viewer *v, struct err *err)
{
	int status = EXIT_UNKNOWN;

	for (;;) {
		/* the driver first, then the records: its last ones count */
		bool driver = rundir_lock_holder(v->dir) != 0;

		if (read_on(v, err) != 0)
			return EXIT_USAGE;
		if (over(v, driver, &status) || interrupted(v))
			return status;
		rest(v);
	}
}

static void
watch_journal(struct viewer *v)
{
	char path[64];

	v->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d/journal", v->dir->fd);
	if (v->watch >= 0)
		inotify_add_watch(v->watch, path, IN_MODIFY);
}

static void
catch_interrupt(struct viewer *v, sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, before);
	v->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int
cli_view(const struct rundir *dir, const struct view *view)
{
	struct viewer v = { .dir = dir, .view = view, .watch = -1 };
	struct err err = ERR_INIT;
	int status = EXIT_USAGE;
	sigset_t before;

	v.silent = !view->from_start;
	v.fold = fold_new();
	v.reader = journal_reader_open(dir->fd, &err);
	watch_journal(&v);
	catch_interrupt(&v, &before);
	if (v.reader != NULL)
		status = follow(&v, &err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(v.signals);
	if (err.set)
		cli_fail(&err);
	if (v.watch >= 0)
		close(v.watch);
	journal_reader_close(v.reader);
	fold_free(v.fold);
	return status;
}
