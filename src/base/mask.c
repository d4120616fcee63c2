#include "base/mask.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mask_forms.h"
#include "base/mask_match.h"
#include "base/mask_scan.h"
#include "base/safe.h"
#include "base/str.h"
#include "base/vec.h"
#include "base/xalloc.h"

struct secret {
	char *name;
	const char *value;      /* in the safe, NUL behind it */
	size_t n;
};

struct mask {
	struct safe *safe;
	struct matcher *matcher;    /* in the safe, with all it points to */
	VEC(struct secret) secrets;
};

struct mask_stream {
	const struct mask *mask;
	struct buf kept;        /* may be the beginning of a secret */
	size_t hidden;          /* bytes of it that a mask stands for already */
	size_t run;             /* see scan_run */
};

struct mask *mask_new(void)
{
	struct mask *m = xcalloc(1, sizeof *m);

	m->safe = safe_new();
	m->matcher = safe_alloc(m->safe, sizeof *m->matcher);
	return m;
}

void mask_free(struct mask *m)
{
	size_t i;

	if (!m)
		return;
	for (i = 0; i < m->secrets.n; i++)
		free(m->secrets.v[i].name);
	vec_free(&m->secrets);
	safe_free(m->safe);
	free(m);
}

static const struct secret *find_secret(const struct mask *m, const char *name)
{
	size_t i;

	for (i = m->secrets.n; i-- > 0;) {
		if (str_eq(m->secrets.v[i].name, name))
			return &m->secrets.v[i];
	}
	return NULL;
}

static void add_form(void *ctx, const char *form, size_t n)
{
	const struct mask *m = ctx;

	matcher_add(m->matcher, m->safe, form, n, m->secrets.n - 1);
}

void mask_add(struct mask *m, const char *name, const char *value, size_t n,
    bool weak)
{
	const struct secret *known = find_secret(m, name);
	struct secret s = { .n = n };
	char *copy, *scratch;

	if (known && known->n == n && memcmp(known->value, value, n) == 0)
		return;
	copy = safe_alloc(m->safe, n + 1);
	if (n)
		memcpy(copy, value, n);
	s.name = xstrdup(name);
	s.value = copy;
	vec_push(&m->secrets, s);
	if (weak)
		return;
	scratch = safe_alloc(m->safe, MASK_SCRATCH(n));
	mask_forms(copy, n, scratch, add_form, m);
	explicit_bzero(scratch, MASK_SCRATCH(n));
	matcher_build(m->matcher);
}

bool mask_has(const struct mask *m, const char *name)
{
	return find_secret(m, name) != NULL;
}

const char *mask_value(const struct mask *m, const char *name, size_t *n)
{
	const struct secret *s = find_secret(m, name);

	if (!s)
		return NULL;
	*n = s->n;
	return s->value;
}

/* Appends s up to where a secret may have begun that is not complete; all of
 * it if `final`. The first *hidden bytes were masked before; on return *hidden
 * is that of what is left. Secrets that overlap are all masked: none shows its
 * end behind the other. Returns how much is done. */
static size_t mask_some(const struct mask *m, struct buf *out, const char *s,
    size_t n, size_t run, bool final, size_t *hidden, bool *found)
{
	size_t done = *hidden, limit;
	struct scan scan;
	struct hit hit;

	scan_begin(&scan, m->matcher, s, n, run);
	limit = final ? n : scan_unfinished(&scan);
	while (scan_next(&scan, &hit) && hit.start < limit) {
		if (hit.end <= done)
			continue;
		if (hit.start > done)
			buf_add(out, s + done, hit.start - done);
		buf_addf(out, "[secret:%s]", m->secrets.v[hit.secret].name);
		done = hit.end;
		*found = true;
	}
	scan_end(&scan);
	if (done < limit) {
		buf_add(out, s + done, limit - done);
		done = limit;
	}
	*hidden = done - limit;
	return limit;
}

bool mask_text(const struct mask *m, struct buf *out, const char *s, size_t n)
{
	size_t hidden = 0;
	bool found = false;

	mask_some(m, out, s, n, 0, true, &hidden, &found);
	return found;
}

bool mask_finds(const struct mask *m, const char *s, size_t n,
    const char **name)
{
	struct scan scan;
	struct hit hit;
	bool found;

	scan_begin(&scan, m->matcher, s, n, 0);
	found = scan_next(&scan, &hit);
	scan_end(&scan);
	if (found && name)
		*name = m->secrets.v[hit.secret].name;
	return found;
}

struct mask_stream *mask_stream_new(const struct mask *m)
{
	struct mask_stream *st = xcalloc(1, sizeof *st);

	st->mask = m;
	buf_init(&st->kept, SIZE_MAX - 1);
	return st;
}

static bool stream_turn(struct mask_stream *st, struct buf *out, const char *s,
    size_t n, bool final)
{
	bool found = false;
	size_t done;

	if (st->kept.len) {
		buf_add(&st->kept, s, n);
		s = st->kept.data;
		n = st->kept.len;
	}
	done = mask_some(st->mask, out, s, n, st->run, final, &st->hidden,
	    &found);
	st->run = scan_run(s, done, st->run);
	if (st->kept.len)
		buf_drop(&st->kept, done);
	else
		buf_add(&st->kept, s + done, n - done);
	return found;
}

bool mask_stream_add(struct mask_stream *st, struct buf *out, const char *s,
    size_t n)
{
	return n ? stream_turn(st, out, s, n, false) : false;
}

bool mask_stream_end(struct mask_stream *st, struct buf *out)
{
	return stream_turn(st, out, "", 0, true);
}

void mask_stream_free(struct mask_stream *st)
{
	if (!st)
		return;
	if (st->kept.cap)
		explicit_bzero(st->kept.data, st->kept.cap);
	buf_free(&st->kept);
	free(st);
}
