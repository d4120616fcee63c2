#include "cli/dialog.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "journal/journal.h"
#include "report/line.h"

/* So long an answer that somebody gave may take to close its question before
 * it is taken for a part only, and the rest is asked for. */
#define PART_AFTER (2 * NSEC_PER_SEC)

struct dialog {
	char *run;
	struct ask *ask;             /* or NULL */
	uint64_t at;                 /* its ask or step.end record */
	struct buf typed;
	json_t *left;                /* address: record that was left open */
	bool quiet;                  /* after Ctrl-C: asks nothing but that */
};

struct dialog *
dialog_new(const char *run)
{
	struct dialog *d;

	if (!isatty(0) || !isatty(2))
		return NULL;
	d = xcalloc(1, sizeof *d);
	d->run = xstrdup(run);
	buf_init(&d->typed, 64 * 1024);
	d->left = json_object();
	return d;
}

static void
drop(struct dialog *d)
{
	ask_free(d->ask);
	d->ask = NULL;
	buf_reset(&d->typed);
}

void
dialog_free(struct dialog *d)
{
	if (d == NULL)
		return;
	drop(d);
	buf_free(&d->typed);
	free(d->run);
	json_decref(d->left);
	free(d);
}

bool
dialog_asks(const struct dialog *d)
{
	return d != NULL && d->ask != NULL;
}

/* What was typed before a question stood there answers nothing. */
static void
begin(struct dialog *d, struct ask *a, uint64_t at, struct buf *out)
{
	drop(d);
	tcflush(0, TCIFLUSH);
	d->ask = a;
	d->at = at;
	ask_prompt(a, out);
}

static bool
was_left(const struct dialog *d, const struct fold_step *s, uint64_t at)
{
	return (uint64_t)json_integer_value(json_object_get(d->left,
	    s->address)) == at;
}

/* ---- what there is to ask */

static bool
in_trouble(const struct fold_step *s)
{
	return s->state == STEP_FAILED || s->state == STEP_UNKNOWN ||
	    s->state == STEP_STOPPED;
}

static bool
put_gate(struct dialog *d, const struct fold *f, const struct fold_step *s,
    const struct journal_reader *reader, uint64_t shown, struct buf *out)
{
	const struct passwd *pw = getpwuid(getuid());
	struct err err = ERR_INIT;
	json_t *p;

	if (s->state != STEP_WAITING || s->ask == 0 || was_left(d, s, s->ask))
		return false;
	if (s->decide > s->ask && clock_wall(clock_real()) -
	    fold_last_at(f) < PART_AFTER)
		return false;
	p = journal_reader_payload(reader, s->ask - 1, &err);
	err_free(&err);
	if (json_object_get(p, "question") == NULL) {
		json_decref(p);
		return false;
	}
	if (s->ask - 1 < shown) {
		buf_addf(out, "\n%s waits for a person:\n", s->address);
		line_question(out, d->run, s->address, p);
	}
	begin(d, ask_gate(s->address, p, pw == NULL ? NULL : pw->pw_name),
	    s->ask, out);
	return true;
}

/* Of an include its steps are asked about: they are "<its address>.…". */
static bool
holds_trouble(const struct fold *f, const struct fold_step *s)
{
	size_t i, n = strlen(s->address);

	for (i = 0; i < fold_count(f); i++) {
		const struct fold_step *o = fold_at(f, i);

		if (o != s && strncmp(o->address, s->address, n) == 0 &&
		    o->address[n] == '.' && in_trouble(o))
			return true;
	}
	return false;
}

static bool
put_trouble(struct dialog *d, const struct fold *f,
    const struct fold_step *s, struct buf *out)
{
	if (!in_trouble(s) || was_left(d, s, s->end) || holds_trouble(f, s))
		return false;
	begin(d, ask_trouble(s->address, step_state_name(s->state)), s->end,
	    out);
	return true;
}

static bool
stands(const struct dialog *d, const struct fold *f, bool over)
{
	const struct fold_step *s;

	if (d->quiet)
		return !over;
	s = fold_find(f, ask_step(d->ask));
	return s != NULL && ((s->state == STEP_WAITING && s->ask == d->at) ||
	    (over && in_trouble(s) && s->end == d->at));
}

void
dialog_look(struct dialog *d, const struct fold *f,
    const struct journal_reader *reader, uint64_t shown, bool over,
    struct buf *out)
{
	enum run_state state = fold_state(f);
	bool trouble = over && (state == RUN_FAILED || state == RUN_UNKNOWN ||
	    state == RUN_STOPPED);
	size_t i;

	if (d->ask != NULL && !stands(d, f, over)) {
		drop(d);
		tcflush(0, TCIFLUSH);
		buf_adds(out, d->quiet ? "\n" :
		    "\nnot asked any more: it was answered elsewhere, or has "
		    "changed\n");
	}
	if (d->ask != NULL || d->quiet)
		return;
	if (over && !trouble && state != RUN_WAITING)
		return;
	for (i = 0; i < fold_count(f); i++)
		if (put_gate(d, f, fold_at(f, i), reader, shown, out))
			return;
	for (i = 0; trouble && i < fold_count(f); i++)
		if (put_trouble(d, f, fold_at(f, i), out))
			return;
}

void
dialog_running(struct dialog *d, struct buf *out)
{
	begin(d, ask_running(), 0, out);
	d->quiet = true;
}

void
dialog_quiet(struct dialog *d)
{
	if (d == NULL)
		return;
	drop(d);
	d->quiet = true;
}

/* ---- what is typed */

static void
leave_open(struct dialog *d, struct buf *out)
{
	json_object_set_new(d->left, ask_step(d->ask),
	    json_integer((json_int_t)d->at));
	drop(d);
	buf_adds(out, "left open\n");
}

static json_t *
take_line(struct dialog *d, size_t n, struct buf *out)
{
	json_t *command = NULL;

	if (ask_line(d->ask, d->typed.data, n, out) == ASK_TOLD)
		command = ask_command(d->ask);
	buf_reset(&d->typed);
	if (command == NULL)
		ask_prompt(d->ask, out);
	else if (!d->quiet && str_eq("leave", json_string_value(
	    json_object_get(command, "verb")))) {
		leave_open(d, out);
		json_decref(command);
		command = NULL;
	}
	return command;
}

json_t *
dialog_read(struct dialog *d, struct buf *out)
{
	char line[4096];
	const char *nl;
	ssize_t n;

	if (d->ask == NULL)
		return NULL;
	n = read(0, line, sizeof line);
	if (n > 0) {
		/* a terminal gives one line at a time, or a part of one; what
		 * one that does not gives behind it answers nothing */
		nl = memchr(line, '\n', (size_t)n);
		buf_add(&d->typed, line, nl == NULL ? (size_t)n :
		    (size_t)(nl - line));
		return nl == NULL ? NULL : take_line(d, d->typed.len, out);
	}
	buf_addc(out, '\n');
	if (d->quiet)
		return json_pack("{s:s}", "verb", "leave");
	leave_open(d, out);
	return NULL;
}

void
dialog_told(struct dialog *d, bool taken, struct buf *out)
{
	if (d->ask == NULL)
		return;
	if (taken) {
		drop(d);
		return;
	}
	ask_again(d->ask);
	ask_prompt(d->ask, out);
}
