#include "base/mask_match.h"

#include <stdlib.h>
#include <string.h>

#include "base/safe.h"

#define WINDOW_MAX 256      /* a shift fits into a byte */

static bool is_known(const struct matcher *m, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (m->forms[i].n == n && memcmp(m->forms[i].p, p, n) == 0)
			return true;
	}
	return false;
}

static void grow(struct matcher *m, struct safe *safe)
{
	size_t cap = 2 * m->cap + 64;
	struct form *forms = safe_alloc(safe, cap * sizeof *forms);

	if (m->n)
		memcpy(forms, m->forms, m->n * sizeof *forms);
	m->forms = forms;
	m->cap = cap;
}

void matcher_add(struct matcher *m, struct safe *safe, const char *p, size_t n,
    size_t secret)
{
	char *copy;

	if (n < MATCH_MIN || is_known(m, p, n))
		return;
	if (m->n == m->cap)
		grow(m, safe);
	copy = safe_alloc(safe, n);
	memcpy(copy, p, n);
	m->forms[m->n++] = (struct form){ .p = copy, .n = n,
		.secret = secret };
}

static unsigned bucket_of(unsigned char a, unsigned char b)
{
	return (a * 37u + b) & 1023;
}

static size_t pair(const unsigned char *p)
{
	return (size_t)p[0] << 8 | p[1];
}

static int longest_first(const void *pa, const void *pb)
{
	const struct form *a = pa, *b = pb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return memcmp(a->p, b->p, a->n);
}

static void enter(struct matcher *m, size_t i)
{
	struct form *f = &m->forms[i];
	const unsigned char *p = (const unsigned char *)f->p;
	size_t last = m->window - 1, at;
	uint32_t *head = &m->bucket[bucket_of(p[last - 1], p[last])];
	uint8_t *shift;

	f->next = *head;
	*head = (uint32_t)i + 1;
	f->next_first = m->first[p[0]];
	m->first[p[0]] = (uint32_t)i + 1;
	for (at = 1; at <= last; at++) {
		shift = &m->shift[pair(p + at - 1)];
		if (*shift > last - at)
			*shift = (uint8_t)(last - at);
	}
}

void matcher_build(struct matcher *m)
{
	size_t i;

	if (m->n == 0)
		return;
	qsort(m->forms, m->n, sizeof *m->forms, longest_first);
	m->longest = m->forms[0].n;
	m->window = m->forms[m->n - 1].n;
	if (m->window > WINDOW_MAX)
		m->window = WINDOW_MAX;
	memset(m->bucket, 0, sizeof m->bucket);
	memset(m->first, 0, sizeof m->first);
	memset(m->shift, (int)m->window - 1, sizeof m->shift);
	for (i = m->n; i-- > 0;)
		enter(m, i);
}

static const struct form *form_at(const struct matcher *m, uint32_t number,
    const char *s, size_t n)
{
	const struct form *f;

	for (; number; number = f->next) {
		f = &m->forms[number - 1];
		if (f->n <= n && memcmp(f->p, s, f->n) == 0)
			return f;
	}
	return NULL;
}

bool matcher_find(const struct matcher *m, const char *s, size_t n,
    size_t from, struct hit *hit)
{
	const unsigned char *t = (const unsigned char *)s;
	const struct form *f;
	size_t last = m->window - 1, at, shift, start;

	if (m->n == 0)
		return false;
	for (at = from + last; at < n; at += shift) {
		shift = m->shift[pair(t + at - 1)];
		if (shift)
			continue;
		shift = 1;
		start = at - last;
		f = form_at(m, m->bucket[bucket_of(t[at - 1], t[at])],
		    s + start, n - start);
		if (f) {
			*hit = (struct hit){ start, start + f->n, f->secret };
			return true;
		}
	}
	return false;
}

static bool is_beginning(const struct matcher *m, const char *s, size_t n)
{
	uint32_t number = m->first[(unsigned char)*s];
	const struct form *f;

	for (; number; number = f->next_first) {
		f = &m->forms[number - 1];
		if (f->n <= n)
			return false;     /* so are all behind it */
		if (memcmp(f->p, s, n) == 0)
			return true;
	}
	return false;
}

size_t matcher_unfinished(const struct matcher *m, const char *s, size_t n)
{
	size_t at;

	if (m->n == 0)
		return n;
	for (at = n < m->longest ? 0 : n - m->longest + 1; at < n; at++) {
		if (is_beginning(m, s + at, n - at))
			return at;
	}
	return n;
}
