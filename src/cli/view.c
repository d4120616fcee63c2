/* Following a run on a terminal or in a pipe: the same records as on disk. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/dialog.h"
#include "cli/live.h"
#include "cli/screen.h"
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
	uint64_t shown;              /* offset of the first record shown */
	int watch;                   /* inotify, or -1 */
	int signals;                 /* signalfd for Ctrl-C and the like */
	sigset_t before;             /* the mask without it */
	int interrupts;              /* how often Ctrl-C was pressed */
	struct screen *screen;       /* NULL: lines only */
	struct dialog *dialog;       /* NULL: nobody to ask */
	struct buf held;             /* lines that wait for a line typed */
};

/* Finished lines; not between a prompt and what is being typed. */
static void
show(struct viewer *v, const struct buf *out)
{
	if (dialog_asks(v->dialog)) {
		buf_add(&v->held, out->data, out->len);
		return;
	}
	if (v->screen == NULL)
		cli_talk(out);
	else
		screen_lines(v->screen, out);
}

/* What a question says, as it is. */
static void
show_talk(struct viewer *v, struct buf *out)
{
	const struct buf none = BUF_INIT(1);

	if (v->screen != NULL)
		screen_block(v->screen, &none);
	cli_talk(out);
	buf_free(out);
}

static void
print_record(struct viewer *v, const struct record *r)
{
	struct buf out = BUF_INIT(1024 * 1024);
	struct err err = ERR_INIT;
	json_t *payload = record_parse(r, &err);

	if (r->offset < v->shown)
		v->shown = r->offset;
	if (payload != NULL)
		line_record(&out, v->dir->id, r, payload);
	show(v, &out);
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

static void
driver_gone(struct viewer *v)
{
	struct buf out = BUF_INIT(4096);

	buf_addf(&out, "the driver of %s is gone; what it had started goes on\n"
	    "  cairn resume %s   takes the run up again\n", v->dir->id,
	    v->dir->id);
	show(v, &out);
	buf_free(&out);
}

/* Is there nothing more to see? */
static bool
over(struct viewer *v, bool driver, int *status)
{
	enum run_state s = fold_state(v->fold);

	if (dialog_asks(v->dialog))
		return false;
	if (!driver) {
		*status = cli_status_of(s);
		if (s == RUN_RUNNING)
			driver_gone(v);
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

/* ---- asking */

static void
catch_signals(struct viewer *v)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	if (v->view->run != NULL) {
		sigaddset(&set, SIGTERM);
		sigaddset(&set, SIGHUP);
		sigaddset(&set, SIGWINCH);
	}
	sigprocmask(SIG_BLOCK, &set, &v->before);
	if (v->signals < 0)
		v->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Lines come before the prompt that they waited for. */
static void
ask(struct viewer *v, bool driver)
{
	struct buf out = BUF_INIT(1024 * 1024);
	bool asked = dialog_asks(v->dialog);

	if (v->dialog == NULL)
		return;
	dialog_look(v->dialog, v->fold, v->reader, v->shown,
	    !driver && v->view->leave_when_waiting, &out);
	if (asked && !dialog_asks(v->dialog)) {
		show(v, &v->held);
		buf_reset(&v->held);
	}
	if (out.len > 0)
		show_talk(v, &out);
}

/* The run's own words go to it; "wait" and "leave" are ours. True: leave. */
static bool
tell(struct viewer *v, json_t *command, struct buf *out)
{
	const char *verb = json_string_value(json_object_get(command, "verb"));
	bool leave = strcmp(verb, "leave") == 0, taken = true;

	if (leave || strcmp(verb, "wait") == 0) {
		json_decref(command);
	} else {
		struct given none = { 0 };
		json_t *said = cli_command(verb, &none);

		json_object_update(said, command);
		json_decref(command);
		v->interrupts += strcmp(verb, "stop") == 0;
		/* a driver may be started: it shall not inherit our mask */
		sigprocmask(SIG_SETMASK, &v->before, NULL);
		taken = cli_send(v->view->run, said) == EXIT_DONE;
		catch_signals(v);
	}
	dialog_told(v->dialog, taken, out);
	return leave;
}

/* True: leave. */
static bool
typed(struct viewer *v)
{
	struct buf out = BUF_INIT(1024 * 1024);
	json_t *command = dialog_read(v->dialog, &out);
	bool leave = command != NULL && tell(v, command, &out);

	cli_talk(&v->held);
	buf_reset(&v->held);
	show_talk(v, &out);
	return leave;
}

/* ---- signals */

static void
leaving(struct viewer *v)
{
	struct buf out = BUF_INIT(4096);

	buf_addf(&out, "%sleaving; the run goes on: cairn attach %s\n",
	    dialog_asks(v->dialog) ? "\n" : "", v->dir->id);
	show_talk(v, &out);
}

static void
send_word(struct viewer *v, const char *verb)
{
	struct err err = ERR_INIT;
	char nonce[NONCE_HEX + 1];
	struct given none = { 0 };
	json_t *json = cli_command(verb, &none);

	inbox_send(v->dir->inbox_fd, json, nonce, &err);
	json_decref(json);
	err_free(&err);
}

/* First Ctrl-C: start nothing more, and what shall be done with what runs?
 * Second: stop it. Third: leave. */
static bool
interrupt(struct viewer *v, bool driver)
{
	struct buf out = BUF_INIT(4096);

	if (!v->view->leave_when_waiting || ++v->interrupts > 2 || !driver) {
		leaving(v);
		return true;
	}
	send_word(v, v->interrupts == 1 ? "pause" : "stop");
	if (v->interrupts == 1 && v->dialog != NULL && anything_runs(v->fold)) {
		buf_adds(&out, "\nnothing more is started; what runs: wait for "
		    "it, stop it, or leave it running?\n");
		dialog_running(v->dialog, &out);
	} else {
		buf_adds(&out, v->interrupts == 1 ? "nothing more is started; "
		    "Ctrl-C again stops what runs\n" : "stopping what runs; "
		    "Ctrl-C again leaves\n");
		dialog_quiet(v->dialog);
	}
	show_talk(v, &out);
	return false;
}

/* Reads signals until there are none. True: leave. */
static bool
interrupted(struct viewer *v, bool driver)
{
	struct signalfd_siginfo info;

	while (read(v->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGWINCH)
			continue;    /* the next drawing measures */
		if (info.ssi_signo != SIGINT) {
			leaving(v);
			return true;
		}
		if (interrupt(v, driver))
			return true;
	}
	return false;
}

static void
draw(struct viewer *v)
{
	struct buf block = BUF_INIT(64 * 1024);

	if (v->screen == NULL || dialog_asks(v->dialog))
		return;
	live_block(v->view->run, v->fold, clock_wall(clock_real()), &block);
	screen_block(v->screen, &block);
	buf_free(&block);
}

/* True: leave. */
static bool
rest(struct viewer *v)
{
	struct pollfd p[] = {
		{ .fd = v->watch, .events = POLLIN },
		{ .fd = v->signals, .events = POLLIN },
		{ .fd = dialog_asks(v->dialog) ? 0 : -1, .events = POLLIN },
	};
	char events[4096];

	poll(p, 3, LOOK_AGAIN_MS);
	while (read(v->watch, events, sizeof events) > 0)
		continue;
	return p[2].revents != 0 && typed(v);
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
		ask(v, driver);
		if (over(v, driver, &status) || interrupted(v, driver))
			return status;
		draw(v);
		if (rest(v))
			return status;
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

int
cli_view(const struct rundir *dir, const struct view *view)
{
	struct viewer v = { .dir = dir, .view = view, .watch = -1,
	    .signals = -1, .shown = UINT64_MAX, .held = BUF_INIT(4 * 1024 * 1024) };
	struct err err = ERR_INIT;
	int status = EXIT_USAGE;

	v.silent = !view->from_start;
	v.fold = fold_new();
	v.reader = journal_reader_open(dir->fd, &err);
	watch_journal(&v);
	catch_signals(&v);
	if (view->run != NULL) {
		v.screen = screen_new(2);
		v.dialog = dialog_new(dir->id);
	}
	if (v.reader != NULL)
		status = follow(&v, &err);
	screen_free(v.screen);
	dialog_free(v.dialog);
	buf_free(&v.held);
	sigprocmask(SIG_SETMASK, &v.before, NULL);
	close(v.signals);
	if (err.set)
		cli_fail(&err);
	if (v.watch >= 0)
		close(v.watch);
	journal_reader_close(v.reader);
	fold_free(v.fold);
	return status;
}
