#include "base/mask.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mask_forms.h"
#include "base/mask_match.h"
#include "base/safe.h"
#include "base/str.h"
#include "base/vec.h"
#include "base/xalloc.h"

/* A line that was broken by an encoder (base64 -w, PEM, xxd -p) ends with at
 * least so many characters of its alphabet. */
#define WRAP_RUN 16

struct secret {
	char *name;
	const char *value;      /* in the safe, NUL behind it */
	size_t n;
};

struct mask {
	struct safe *safe;
	struct matcher *matcher;    /* in the safe, like all that it points to */
	VEC(struct secret) secrets;
};

struct mask_stream {
	const struct mask *mask;
	struct buf kept;        /* may be the beginning of a secret */
	size_t hidden;          /* bytes of it that a mask stands for already */
	size_t run;             /* see struct view */
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

/* Text with the line breaks taken out that an encoder put into it. */
struct joint {
	size_t joined;          /* from this byte of the joined text on … */
	size_t original;        /* … it is the text from this byte on */
};

struct view {
	const char *s;          /* `text`, or the text as it is */
	size_t n;
	char *text;
	VEC(struct joint) joints;
};

static bool is_encoded(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c && strchr("+/-_=", c));
}

/* Characters of an encoder's alphabet that stand before byte `at`; `before`
 * of them stood before the text. More than WRAP_RUN are not counted. */
static size_t run_before(const char *s, size_t at, size_t before)
{
	size_t run = 0;

	while (run < WRAP_RUN && run < at && is_encoded(s[at - 1 - run]))
		run++;
	return run == at ? run + before : run;
}

/* Is the break at `at` one of an encoder? *from: what comes before it, *to:
 * what goes on behind it. */
static bool is_wrap(const char *s, size_t n, size_t at, size_t before,
    size_t *from, size_t *to)
{
	*from = at && s[at - 1] == '\r' ? at - 1 : at;
	if (run_before(s, *from, before) < WRAP_RUN)
		return false;
	for (*to = at + 1; *to < n && (s[*to] == ' ' || s[*to] == '\t'); ++*to)
		;
	return true;
}

static void join(struct view *v, const char *s, size_t n, size_t from,
    size_t to, size_t done)
{
	if (!v->text)
		v->text = xmalloc(n);
	memcpy(v->text + v->n, s + done, from - done);
	v->n += from - done;
	vec_push(&v->joints, ((struct joint){ v->n, to }));
}

/* The view is the text itself when nothing had to be joined. */
static void view_make(struct view *v, const char *s, size_t n, size_t before)
{
	const char *p = s;
	size_t done = 0, from, to;

	*v = (struct view){ .s = s };
	while ((p = memchr(p, '\n', n - (size_t)(p - s)))) {
		if (is_wrap(s, n, (size_t)(p - s), before, &from, &to)) {
			join(v, s, n, from, to, done);
			done = to;
			p = s + to;
		} else {
			p++;
		}
	}
	/* the other half of "\r\n" may come later */
	if (done < n && s[n - 1] == '\r' &&
	    is_wrap(s, n, n - 1, before, &from, &to)) {
		join(v, s, n, from, to, done);
		done = to;
	}
	if (v->text) {
		memcpy(v->text + v->n, s + done, n - done);
		v->s = v->text;
	}
	v->n += n - done;
}

static void view_free(struct view *v)
{
	if (v->text)
		explicit_bzero(v->text, v->n);
	free(v->text);
	vec_free(&v->joints);
}

static size_t original(const struct view *v, size_t at)
{
	size_t low = 0, high = v->joints.n, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (v->joints.v[middle].joined <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return at;
	return at - v->joints.v[low - 1].joined + v->joints.v[low - 1].original;
}

/* What was found last in a view, and where to go on. */
struct cursor {
	const struct view *view;
	struct hit hit;         /* in bytes of the text as it is */
	size_t next;
	bool valid;
};

static void advance(struct cursor *c, const struct matcher *m)
{
	struct hit hit;

	c->valid = matcher_find(m, c->view->s, c->view->n, c->next, &hit);
	if (!c->valid)
		return;
	c->next = hit.start + 1;
	c->hit = (struct hit){ original(c->view, hit.start),
		original(c->view, hit.end - 1) + 1, hit.secret };
}

/* The one that begins first; of two the longer. */
static struct cursor *first(struct cursor *a, struct cursor *b)
{
	if (!a->valid || !b->valid)
		return a->valid ? a : b->valid ? b : NULL;
	if (a->hit.start != b->hit.start)
		return a->hit.start < b->hit.start ? a : b;
	return a->hit.end >= b->hit.end ? a : b;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* A text to be searched, as it is and joined. */
struct scan {
	struct view views[2];
	struct cursor cursors[2];
	const struct matcher *matcher;
};

static void scan_begin(struct scan *sc, const struct mask *m, const char *s,
    size_t n, size_t run)
{
	size_t i;

	*sc = (struct scan){ .matcher = m->matcher,
		.views[0] = { .s = s, .n = n } };
	view_make(&sc->views[1], s, n, run);
	for (i = 0; i < 2; i++) {
		sc->cursors[i].view = &sc->views[i];
		if (i == 0 || sc->views[i].text)
			advance(&sc->cursors[i], sc->matcher);
	}
}

static bool scan_next(struct scan *sc, struct hit *hit)
{
	struct cursor *c = first(&sc->cursors[0], &sc->cursors[1]);

	if (!c)
		return false;
	*hit = c->hit;
	advance(c, sc->matcher);
	return true;
}

static size_t scan_unfinished(const struct scan *sc)
{
	const struct view *joined = &sc->views[1];
	size_t at = matcher_unfinished(sc->matcher, sc->views[0].s,
	    sc->views[0].n);

	if (!joined->text)
		return at;
	return least(at, original(joined, matcher_unfinished(sc->matcher,
	    joined->s, joined->n)));
}

static void scan_end(struct scan *sc)
{
	view_free(&sc->views[1]);
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

	scan_begin(&scan, m, s, n, run);
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

	scan_begin(&scan, m, s, n, 0);
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
	st->run = run_before(s, done, st->run);
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
