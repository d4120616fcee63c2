#include "cli/live.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "job/slot_files.h"
#include "journal/rundir.h"
#include "plan/plan.h"

#define TAIL 4096
#define STEPS_SHOWN 8

/* The last line with something on it; a carriage return begins a line anew, as
 * progress bars do. */
static size_t
last_line(const char *s, size_t n, const char **line)
{
	size_t end = n, begin;

	while (end > 0 && strchr("\r\n\t ", s[end - 1]) != NULL)
		end--;
	for (begin = end; begin > 0 && s[begin - 1] != '\n' &&
	    s[begin - 1] != '\r'; begin--)
		continue;
	*line = s + begin;
	return end - begin;
}

static void
last_output(const struct cli_run *r, int slot, struct buf *out)
{
	char tail[TAIL];
	const char *line;
	struct stat st;
	int fd = slot_path(r->dir->job_fd, slot, slot_output(1),
	    O_RDONLY | O_NONBLOCK);
	ssize_t n = 0;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0)
		n = pread(fd, tail, TAIL, st.st_size > TAIL ?
		    st.st_size - TAIL : 0);
	close(fd);
	if (n > 0) {
		size_t len = last_line(tail, (size_t)n, &line);

		buf_adds(out, "  ");
		escape_line(out, line, len > 400 ? 400 : len);
	}
}

static void
step_line(const struct cli_run *r, const struct fold_step *s, nsec now,
    struct buf *out)
{
	const struct plan_step *p = plan_find(r->plan, s->address);

	buf_addf(out, "%-9s ", step_state_name(s->state));
	if (s->state != STEP_WAITING) {
		format_elapsed(out, (now - s->started) / NSEC_PER_SEC *
		    NSEC_PER_SEC);
		buf_adds(out, "  ");
	}
	buf_adds(out, s->address);
	if (s->slot >= 0 && s->state == STEP_RUNNING &&
	    r->book->secrets.n == 0)
		last_output(r, s->slot, out);
	if (s->state == STEP_WAITING && p != NULL) {
		buf_adds(out, "  ");
		escape_line(out, text_source(p->step->title),
		    strlen(text_source(p->step->title)));
	}
	buf_addc(out, '\n');
}

static bool
shown(const struct cli_run *r, const struct fold_step *s)
{
	const struct plan_step *p = plan_find(r->plan, s->address);

	/* of an include its steps are shown */
	return (s->state == STEP_RUNNING || s->state == STEP_STOPPING ||
	    s->state == STEP_WAITING) && (p == NULL || p->n == 0);
}

/* "phase 2 of 5  pull  3 of 7 steps" for the first that is not over. */
static void
phase_line(const struct cli_run *r, const struct fold *f, struct buf *out)
{
	const struct plan_phase *phases;
	size_t n = plan_phases(r->plan, &phases), i, k;

	for (i = 0; i < n; i++) {
		size_t over = 0;

		for (k = 0; k < phases[i].n; k++) {
			const struct fold_step *s = fold_find(f,
			    phases[i].steps[k]->address);

			over += s != NULL && (s->state == STEP_DONE ||
			    s->state == STEP_SKIPPED);
		}
		if (over == phases[i].n && i + 1 < n)
			continue;
		if (phases[i].phase->id != NULL)
			buf_addf(out, "phase %zu of %zu  %s  ", i + 1, n,
			    phases[i].phase->id);
		buf_addf(out, "%zu of %zu steps\n", over, phases[i].n);
		return;
	}
}

void
live_block(const struct cli_run *r, const struct fold *f, nsec now,
    struct buf *out)
{
	size_t i, n = 0;

	phase_line(r, f, out);
	for (i = 0; i < fold_count(f); i++)
		if (shown(r, fold_at(f, i)) && n++ < STEPS_SHOWN)
			step_line(r, fold_at(f, i), now, out);
	if (n > STEPS_SHOWN)
		buf_addf(out, "and %zu more\n", n - STEPS_SHOWN);
}
