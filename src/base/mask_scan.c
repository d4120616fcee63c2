#include "base/mask_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* A line that was broken by an encoder (base64 -w, PEM, xxd -p) ends with at
 * least so many characters of its alphabet. */
#define WRAP_RUN 16
/* How far such lines may be indented. It must have an end: a line of nothing
 * but blanks would be held back for ever. */
#define INDENT_MAX 64

static bool is_encoded(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c && strchr("+/-_=", c));
}

size_t scan_run(const char *s, size_t n, size_t before)
{
	size_t run = 0;

	while (run < WRAP_RUN && run < n && is_encoded(s[n - 1 - run]))
		run++;
	return run == n ? run + before : run;
}

/* Is the break at `at` one of an encoder? *from: what comes before it, *to:
 * what goes on behind it. */
static bool is_wrap(const char *s, size_t n, size_t at, size_t before,
    size_t *from, size_t *to)
{
	*from = at && s[at - 1] == '\r' ? at - 1 : at;
	if (scan_run(s, *from, before) < WRAP_RUN)
		return false;
	for (*to = at + 1; *to < n && *to <= at + INDENT_MAX &&
	    (s[*to] == ' ' || s[*to] == '\t'); ++*to)
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

void scan_begin(struct scan *sc, const struct matcher *m, const char *s,
    size_t n, size_t run)
{
	size_t i;

	*sc = (struct scan){ .matcher = m,
		.views[0] = { .s = s, .n = n } };
	view_make(&sc->views[1], s, n, run);
	for (i = 0; i < 2; i++) {
		sc->cursors[i].view = &sc->views[i];
		if (i == 0 || sc->views[i].text)
			advance(&sc->cursors[i], sc->matcher);
	}
}

bool scan_next(struct scan *sc, struct hit *hit)
{
	struct cursor *c = first(&sc->cursors[0], &sc->cursors[1]);

	if (!c)
		return false;
	*hit = c->hit;
	advance(c, sc->matcher);
	return true;
}

size_t scan_unfinished(const struct scan *sc)
{
	const struct view *joined = &sc->views[1];
	size_t at = matcher_unfinished(sc->matcher, sc->views[0].s,
	    sc->views[0].n);

	if (!joined->text)
		return at;
	return least(at, original(joined, matcher_unfinished(sc->matcher,
	    joined->s, joined->n)));
}

void scan_end(struct scan *sc)
{
	view_free(&sc->views[1]);
}
