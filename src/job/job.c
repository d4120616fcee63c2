#include "job/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"

/* ---- meta and rc: fixed lines of exact grammar, blanks to their width */

static void
pad(char *out, size_t width, const char *text)
{
	size_t n = strlen(text);

	memset(out, ' ', width);
	memcpy(out, text, n < width ? n : width);
}

void
job_meta_write(const struct job_meta *m, char out[META_WIDTH])
{
	char text[META_WIDTH];

	snprintf(text, sizeof text, "boot=%s sup=%d supstart=%llu pid=%d "
	    "start=%llu begin=%lld nonce=%s\n", m->boot,
	    (int)m->supervisor.pid, m->supervisor.start, (int)m->command.pid,
	    m->command.start, (long long)m->begin, m->nonce);
	pad(out, META_WIDTH, text);
}

/* A reader over one line that accepts exactly what was expected. */
struct reader { const char *p, *end; bool ok; };

static void
take(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	r->ok = r->ok && (size_t)(r->end - r->p) >= n &&
	    memcmp(r->p, word, n) == 0;
	if (r->ok)
		r->p += n;
}

static int64_t
take_number(struct reader *r)
{
	const char *from = r->p;
	int64_t value = 0;

	while (r->ok && r->p < r->end && *r->p >= '0' && *r->p <= '9' &&
	    r->p - from < 19)
		value = value * 10 + (*r->p++ - '0');
	if (r->p == from || value < 0)
		r->ok = false;
	return value;
}

static void
take_word(struct reader *r, char *out, size_t size, const char *set)
{
	size_t n = 0;

	while (r->ok && r->p < r->end && strchr(set, *r->p) != NULL &&
	    *r->p != '\0' && n + 1 < size)
		out[n++] = *r->p++;
	out[n] = '\0';
	if (n == 0)
		r->ok = false;
}

/* The line is complete, and only blanks follow it. */
static bool
ends_well(struct reader *r)
{
	take(r, "\n");
	while (r->ok && r->p < r->end)
		r->ok = *r->p++ == ' ';
	return r->ok;
}

int
job_meta_read(const char *s, size_t n, struct job_meta *out)
{
	struct reader r = { s, s + n, n == META_WIDTH };
	struct job_meta m = { 0 };

	take(&r, "boot=");
	take_word(&r, m.boot, sizeof m.boot, "0123456789abcdef-");
	take(&r, " sup=");
	m.supervisor.pid = (pid_t)take_number(&r);
	take(&r, " supstart=");
	m.supervisor.start = (unsigned long long)take_number(&r);
	take(&r, " pid=");
	m.command.pid = (pid_t)take_number(&r);
	take(&r, " start=");
	m.command.start = (unsigned long long)take_number(&r);
	take(&r, " begin=");
	m.begin = take_number(&r);
	take(&r, " nonce=");
	take_word(&r, m.nonce, sizeof m.nonce, "0123456789abcdef");
	if (!ends_well(&r) || strlen(m.nonce) != NONCE_HEX ||
	    m.supervisor.pid <= 1 || m.command.pid == 1)
		return -1;
	*out = m;
	return 0;
}

void
job_rc_write(const struct job_result *r, const char *nonce,
    char out[RC_WIDTH])
{
	static const char *const words[] = { "", "signal:", "exec:",
	    "stopped" };
	char text[RC_WIDTH], number[16];

	snprintf(number, sizeof number, "%d", r->status);
	snprintf(text, sizeof text, "rc=%s%s out=%lld err=%lld begin=%lld "
	    "end=%lld left=%d nonce=%s\n", words[r->outcome],
	    r->outcome == JOB_STOPPED ? "" : number, (long long)r->out,
	    (long long)r->err, (long long)r->begin, (long long)r->end,
	    r->left_behind, nonce);
	pad(out, RC_WIDTH, text);
}

static void
take_outcome(struct reader *r, struct job_result *out)
{
	size_t left = (size_t)(r->end - r->p);

	take(r, "rc=");
	left -= r->ok ? 3 : 0;
	if (r->ok && left > 7 && memcmp(r->p, "stopped", 7) == 0) {
		take(r, "stopped");
		out->outcome = JOB_STOPPED;
		return;
	}
	out->outcome = JOB_EXITED;
	if (r->ok && left > 7 && memcmp(r->p, "signal:", 7) == 0) {
		take(r, "signal:");
		out->outcome = JOB_SIGNALED;
	} else if (r->ok && left > 5 && memcmp(r->p, "exec:", 5) == 0) {
		take(r, "exec:");
		out->outcome = JOB_NOT_EXECUTED;
	}
	out->status = (int)take_number(r);
}

int
job_rc_read(const char *s, size_t n, const char *nonce,
    struct job_result *out)
{
	struct reader r = { s, s + n, n == RC_WIDTH };
	struct job_result result = { 0 };

	take_outcome(&r, &result);
	take(&r, " out=");
	result.out = take_number(&r);
	take(&r, " err=");
	result.err = take_number(&r);
	take(&r, " begin=");
	result.begin = take_number(&r);
	take(&r, " end=");
	result.end = take_number(&r);
	take(&r, " left=");
	result.left_behind = take_number(&r) != 0;
	take(&r, " nonce=");
	take(&r, nonce);
	if (!ends_well(&r))
		return -1;
	*out = result;
	return 0;
}

/* ---- a spec as bytes: lengths before everything, native byte order, since
 * both ends are one program */

static void
put_bytes(struct buf *out, const char *s, size_t n)
{
	int64_t len = s == NULL ? -1 : (int64_t)n;

	buf_add(out, &len, sizeof len);
	if (s != NULL) {
		buf_add(out, s, n);
		buf_addc(out, '\0');
	}
}

static void
put_string(struct buf *out, const char *s)
{
	put_bytes(out, s, s == NULL ? 0 : strlen(s));
}

static void
put_list(struct buf *out, const char *const *list)
{
	int64_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	buf_add(out, &n, sizeof n);
	for (int64_t i = 0; i < n; i++)
		put_string(out, list[i]);
}

void
job_spec_pack(const struct job_spec *spec, struct buf *out)
{
	int64_t secret = spec->input_secret;

	put_string(out, spec->worker);
	put_bytes(out, spec->request, spec->request_len);
	put_list(out, spec->argv);
	put_list(out, spec->env);
	put_string(out, spec->cwd);
	put_bytes(out, spec->script, spec->script_len);
	put_bytes(out, spec->input, spec->input_len);
	buf_add(out, &secret, sizeof secret);
}

struct unpack { char *p, *end; bool ok; };

static int64_t
get_number(struct unpack *u)
{
	int64_t v = -2;

	if (u->ok && u->end - u->p >= (ptrdiff_t)sizeof v) {
		memcpy(&v, u->p, sizeof v);
		u->p += sizeof v;
	} else {
		u->ok = false;
	}
	return v;
}

static const char *
get_bytes(struct unpack *u, size_t *n)
{
	int64_t len = get_number(u);
	char *s = u->p;

	*n = 0;
	if (len == -1)
		return NULL;
	if (!u->ok || len < 0 || u->end - u->p <= len || u->p[len] != '\0') {
		u->ok = false;
		return NULL;
	}
	u->p += len + 1;
	*n = (size_t)len;
	return s;
}

static const char *const *
get_list(struct unpack *u, const char ***room, const char **limit)
{
	const char **list = *room;
	int64_t n = get_number(u);
	size_t len;

	if (n < 0 || n >= limit - (const char **)list)
		u->ok = false;
	for (int64_t i = 0; u->ok && i < n; i++)
		list[i] = get_bytes(u, &len);
	if (u->ok)
		list[n] = NULL;
	*room = u->ok ? list + n + 1 : list;
	return (const char *const *)list;
}

int
job_spec_unpack(char *bytes, size_t n, struct job_spec *out, void **block)
{
	struct unpack u = { bytes, bytes + n, true };
	/* every list element takes at least 9 bytes */
	size_t most = n / 9 + 4, len;
	const char **room = xcalloc(most, sizeof *room), **limit = room + most;
	struct job_spec s = { 0 };

	*block = room;
	s.worker = get_bytes(&u, &len);
	s.request = get_bytes(&u, &s.request_len);
	s.argv = get_list(&u, &room, (const char **)limit);
	s.env = get_list(&u, &room, (const char **)limit);
	s.cwd = get_bytes(&u, &len);
	s.script = get_bytes(&u, &s.script_len);
	s.input = get_bytes(&u, &s.input_len);
	s.input_secret = get_number(&u) == 1;
	if (!u.ok || u.p != u.end) {
		free(*block);
		*block = NULL;
		return -1;
	}
	*out = s;
	return 0;
}
