/* A job's spec on its way to the supervisor. Numbers are 8 bytes; a text is
 * its length + 1 (0: NULL), its bytes and a NUL. */
#include "job/job.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"

/* ---- packing: the same walk measures and writes */

struct pack {
	char *p;              /* NULL: only measure */
	size_t n;
};

static void put(struct pack *k, const void *p, size_t n)
{
	if (k->p && n)
		memcpy(k->p + k->n, p, n);
	k->n += n;
}

static void put_number(struct pack *k, uint64_t value)
{
	put(k, &value, sizeof value);
}

static void put_bytes(struct pack *k, const char *p, size_t n)
{
	put_number(k, p ? n + 1 : 0);
	if (!p)
		return;
	put(k, p, n);
	put(k, "", 1);
}

static void put_text(struct pack *k, const char *s)
{
	put_bytes(k, s, s ? strlen(s) : 0);
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

static void put_list(struct pack *k, const char *const *list)
{
	size_t i;

	for (i = 0; list && list[i]; i++)
		put_text(k, list[i]);
}

static void put_spec(struct pack *k, const struct job_spec *spec)
{
	put_number(k, spec->argv ? count(spec->argv) + 1 : 0);
	put_number(k, spec->env ? count(spec->env) + 1 : 0);
	put_number(k, spec->input_secret);
	put_text(k, spec->worker);
	put_bytes(k, spec->request, spec->request_len);
	put_list(k, spec->argv);
	put_list(k, spec->env);
	put_text(k, spec->cwd);
	put_bytes(k, spec->script, spec->script_len);
	put_bytes(k, spec->input, spec->input_len);
}

void job_spec_pack(const struct job_spec *spec, struct buf *out)
{
	struct pack k = { NULL, 0 };

	put_spec(&k, spec);
	buf_free(out);
	if (k.n > out->max)
		BUG("a job's spec of %zu bytes", k.n);
	/* a buffer that grew would leave copies of secrets behind */
	out->cap = k.n + 1;
	out->data = k.p = xmalloc(out->cap);
	k.n = 0;
	put_spec(&k, spec);
	out->len = k.n;
	out->data[out->len] = '\0';
}

/* ---- unpacking */

struct unpack {
	char *p, *end;
	bool bad;
};

static uint64_t get_number(struct unpack *u)
{
	uint64_t value = 0;

	if ((size_t)(u->end - u->p) < sizeof value) {
		u->bad = true;
		return 0;
	}
	memcpy(&value, u->p, sizeof value);
	u->p += sizeof value;
	return value;
}

static const char *get_bytes(struct unpack *u, size_t *n)
{
	uint64_t size = get_number(u);
	const char *p = u->p;

	if (n)
		*n = 0;
	if (size == 0)
		return NULL;
	if (size > (uint64_t)(u->end - u->p) || p[size - 1] != '\0') {
		u->bad = true;
		return NULL;
	}
	u->p += size;
	if (n)
		*n = (size_t)size - 1;
	return p;
}

static const char *const *get_list(struct unpack *u, const char **list,
    uint64_t size)
{
	uint64_t i;

	if (size == 0)
		return NULL;
	for (i = 0; i + 1 < size; i++) {
		list[i] = get_bytes(u, NULL);
		if (!list[i])
			u->bad = true;
	}
	list[i] = NULL;
	return list;
}

int job_spec_unpack(char *bytes, size_t n, struct job_spec *out, void **block)
{
	struct unpack u = { bytes, bytes + n, false };
	struct job_spec spec = { 0 };
	uint64_t argc = get_number(&u), envc = get_number(&u);
	const char **lists;

	/* no list is longer than the bytes that are there */
	if (u.bad || argc > n || envc > n)
		return -1;
	lists = xcalloc((size_t)(argc + envc) + 1, sizeof *lists);
	spec.input_secret = get_number(&u) != 0;
	spec.worker = get_bytes(&u, NULL);
	spec.request = get_bytes(&u, &spec.request_len);
	spec.argv = get_list(&u, lists, argc);
	spec.env = get_list(&u, lists + argc, envc);
	spec.cwd = get_bytes(&u, NULL);
	spec.script = get_bytes(&u, &spec.script_len);
	spec.input = get_bytes(&u, &spec.input_len);
	if (u.bad || u.p != u.end) {
		free(lists);
		return -1;
	}
	*out = spec;
	*block = lists;
	return 0;
}
