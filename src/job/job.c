#include "job/job.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"

/* ---- reading: one pass that only goes forward and remembers any fault */

struct text {
	const char *p, *end;
	bool bad;
};

static void word(struct text *t, const char *literal)
{
	size_t n = strlen(literal);

	if (t->bad || (size_t)(t->end - t->p) < n ||
	    memcmp(t->p, literal, n) != 0)
		t->bad = true;
	else
		t->p += n;
}

static bool try_word(struct text *t, const char *literal)
{
	struct text after = *t;

	word(&after, literal);
	if (after.bad)
		return false;
	*t = after;
	return true;
}

static unsigned long long number(struct text *t, unsigned long long max)
{
	unsigned long long value = 0;
	const char *start = t->p;
	unsigned digit;

	for (; t->p < t->end && *t->p >= '0' && *t->p <= '9'; t->p++) {
		digit = (unsigned)(*t->p - '0');
		if (value > (max - digit) / 10 || digit > max)
			t->bad = true;
		else
			value = value * 10 + digit;
	}
	if (t->p == start)
		t->bad = true;
	return t->bad ? 0 : value;
}

/* 0 stands for nobody. A signal to 1 or below would reach more than one
 * process, so no record may name them. */
static pid_t pid(struct text *t)
{
	unsigned long long value = number(t, INT_MAX);

	if (value == 1)
		t->bad = true;
	return (pid_t)value;
}

static void chars(struct text *t, const char *allowed, char *out, size_t size)
{
	size_t n = 0;

	while (t->p < t->end && *t->p && strchr(allowed, *t->p) &&
	    n < size - 1)
		out[n++] = *t->p++;
	out[n] = '\0';
	if (n == 0)
		t->bad = true;
}

static void nonce(struct text *t, char out[NONCE_HEX + 1])
{
	chars(t, "0123456789abcdef", out, NONCE_HEX + 1);
	if (strlen(out) != NONCE_HEX)
		t->bad = true;
	word(t, "\n");
}

/* ---- meta */

static void pad(char *out, size_t width, const char *text, int n)
{
	if (n < 0 || (size_t)n > width)
		BUG("a job record of %d bytes: %s", n, text);
	memcpy(out, text, (size_t)n);
	memset(out + n, ' ', width - (size_t)n);
}

void job_meta_write(const struct job_meta *m, char out[META_WIDTH])
{
	char text[META_WIDTH + 1];
	int n = snprintf(text, sizeof text,
	    "boot=%s sup=%ld supstart=%llu pid=%ld start=%llu begin=%lld "
	    "nonce=%s\n", m->boot, (long)m->supervisor.pid,
	    m->supervisor.start, (long)m->command.pid, m->command.start,
	    (long long)m->begin, m->nonce);

	pad(out, META_WIDTH, text, n);
}

int job_meta_read(const char *s, size_t n, struct job_meta *out)
{
	struct text t = { s, s + n, n != META_WIDTH };
	struct job_meta m = { 0 };
	char again[META_WIDTH];

	word(&t, "boot=");
	chars(&t, "0123456789abcdefghijklmnopqrstuvwxyz-", m.boot,
	    sizeof m.boot);
	word(&t, " sup=");
	m.supervisor.pid = pid(&t);
	word(&t, " supstart=");
	m.supervisor.start = number(&t, ULLONG_MAX);
	word(&t, " pid=");
	m.command.pid = pid(&t);
	word(&t, " start=");
	m.command.start = number(&t, ULLONG_MAX);
	word(&t, " begin=");
	m.begin = (nsec)number(&t, INT64_MAX);
	word(&t, " nonce=");
	nonce(&t, m.nonce);
	if (t.bad)
		return -1;
	/* leading zeros, bytes behind the line: there is one way to write it */
	job_meta_write(&m, again);
	if (memcmp(s, again, META_WIDTH) != 0)
		return -1;
	*out = m;
	return 0;
}

/* ---- rc */

static const struct end {
	const char *word;
	enum job_outcome outcome;
	int min, max;
} ends[] = {
	{ "signal:", JOB_SIGNALED, 1, 64 },
	{ "exec:", JOB_NOT_EXECUTED, 1, 4095 },
	{ "", JOB_EXITED, 0, 255 },
};
#define ENDS (sizeof ends / sizeof *ends)

static void write_end(const struct job_result *r, char *out, size_t size)
{
	size_t i;

	snprintf(out, size, "stopped");
	for (i = 0; i < ENDS; i++) {
		if (ends[i].outcome == r->outcome)
			snprintf(out, size, "%s%d", ends[i].word, r->status);
	}
}

void job_rc_write(const struct job_result *r, const char *nonce_of_job,
    char out[RC_WIDTH])
{
	char end[24], text[RC_WIDTH + 1];
	int n;

	write_end(r, end, sizeof end);
	n = snprintf(text, sizeof text,
	    "rc=%s out=%lld err=%lld begin=%lld end=%lld left=%d nonce=%s\n",
	    end, (long long)r->out, (long long)r->err, (long long)r->begin,
	    (long long)r->end, r->left_behind, nonce_of_job);
	pad(out, RC_WIDTH, text, n);
}

static void read_end(struct text *t, struct job_result *r)
{
	size_t i = 0;

	r->outcome = JOB_STOPPED;
	if (try_word(t, "stopped"))
		return;
	/* the last one has no word of its own */
	while (i + 1 < ENDS && !try_word(t, ends[i].word))
		i++;
	r->outcome = ends[i].outcome;
	r->status = (int)number(t, (unsigned)ends[i].max);
	if (r->status < ends[i].min)
		t->bad = true;
}

int job_rc_read(const char *s, size_t n, const char *nonce_of_job,
    struct job_result *out)
{
	struct text t = { s, s + n, n != RC_WIDTH };
	struct job_result r = { 0 };
	char again[RC_WIDTH], found[NONCE_HEX + 1];

	if (t.bad)
		return -1;
	word(&t, "rc=");
	read_end(&t, &r);
	word(&t, " out=");
	r.out = (off_t)number(&t, INT64_MAX);
	word(&t, " err=");
	r.err = (off_t)number(&t, INT64_MAX);
	word(&t, " begin=");
	r.begin = (nsec)number(&t, INT64_MAX);
	word(&t, " end=");
	r.end = (nsec)number(&t, INT64_MAX);
	word(&t, " left=");
	r.left_behind = number(&t, 1) == 1;
	word(&t, " nonce=");
	nonce(&t, found);
	if (t.bad || strcmp(found, nonce_of_job) != 0)
		return -1;
	job_rc_write(&r, found, again);
	if (memcmp(s, again, RC_WIDTH) != 0)
		return -1;
	*out = r;
	return 0;
}
