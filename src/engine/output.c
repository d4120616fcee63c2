#include "engine/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mask.h"
#include "base/rx.h"
#include "book/json.h"
#include "engine/normal.h"
#include "journal/rundir.h"
#include "journal/vfs.h"

#define CHUNK (256 * KIB)

int
output_read(struct engine *e, struct output *o, int slot, int which,
    off_t size, size_t limit, struct err *err)
{
	off_t want = size < (off_t)limit ? size : (off_t)limit;

	memset(o, 0, sizeof *o);
	buf_init(&o->raw, limit);
	buf_init(&o->text, limit);
	o->size = size;
	o->slot = slot;
	o->which = which;
	o->cut = size > want;
	if (size == 0)
		return 0;
	if (slot_read(e->slots, slot, which, 0, want, &o->raw, err) != 0)
		return -1;
	if (o->raw.len < (size_t)want)
		return err_set(err, "its output was cut short: %zu bytes are "
		    "left of %lld", o->raw.len, (long long)size);
	normal_text(&o->text, o->raw.data, o->raw.len);
	return 0;
}

void
output_free(struct output *o)
{
	buf_free(&o->raw);
	buf_free(&o->text);
}

/* ---- searching */

struct search {
	const struct rx *rx;
	void (*each)(const char *s, size_t n, void *ctx);
	void *ctx;
	enum found found;
};

/* Searches one text; false: enough was seen. */
static bool
search_text(struct search *s, const char *text, size_t n)
{
	size_t groups[4], at = 0;

	while (at <= n) {
		enum rx_answer a = rx_match(s->rx, text, n, at, groups, 2);
		size_t from, to;

		if (a == RX_LIMIT)
			s->found = FOUND_CANNOT;
		if (a != RX_YES)
			return a != RX_LIMIT;
		s->found = FOUND_YES;
		if (s->each == NULL)
			return false;
		from = groups[rx_groups(s->rx) > 0 &&
		    groups[2] != (size_t)-1 ? 2 : 0];
		to = groups[rx_groups(s->rx) > 0 &&
		    groups[2] != (size_t)-1 ? 3 : 1];
		s->each(text + from, to - from, s->ctx);
		at = groups[1] > at ? groups[1] : at + 1;
	}
	return true;
}

/* Output beyond its limit: a line at a time, in bounded memory. */
static void
search_lines(struct engine *e, const struct output *o, struct search *s)
{
	struct buf line = BUF_INIT(LIMIT_LINE);
	struct buf text = BUF_INIT(LIMIT_LINE);
	struct err err = ERR_INIT;
	char *chunk = xmalloc(CHUNK);
	off_t at = 0;
	ssize_t n = 0;
	int fd = slot_open(e->slots, o->slot, o->which, &err);
	bool more = fd >= 0;

	if (fd < 0)
		s->found = FOUND_CANNOT;
	while (more && at < o->size && (n = pread_all(fd, chunk,
	    at + (off_t)CHUNK < o->size ? CHUNK : (size_t)(o->size - at),
	    at)) > 0) {
		char *p = chunk, *end = chunk + n, *nl;

		for (; more && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL;
		    p = nl + 1) {
			buf_add(&line, p, (size_t)(nl - p));
			buf_reset(&text);
			normal_text(&text, line.data, line.len);
			more = search_text(s, text.data, text.len);
			if (line.cut && s->found == FOUND_NO)
				s->found = FOUND_CANNOT;
			buf_reset(&line);
		}
		buf_add(&line, p, (size_t)(end - p));
		at += n;
	}
	if (more && line.len > 0)
		search_text(s, line.data, line.len);
	if (at < o->size && more)
		s->found = FOUND_CANNOT;
	if (fd >= 0)
		close(fd);
	free(chunk);
	buf_free(&line);
	buf_free(&text);
	err_free(&err);
}

enum found
output_each(struct engine *e, const struct output *o, const struct rx *rx,
    void (*each)(const char *s, size_t n, void *ctx), void *ctx)
{
	struct search s = { rx, each, ctx, FOUND_NO };

	if (o->cut)
		search_lines(e, o, &s);
	else
		search_text(&s, o->text.data, o->text.len);
	return s.found;
}

enum found
output_search(struct engine *e, const struct output *o, const struct rx *rx)
{
	return output_each(e, o, rx, NULL, NULL);
}

/* ---- keeping */

/* Streams the whole output through the mask into an open log file. */
static int
copy_masked(struct engine *e, const struct output *o, int to, struct err *err)
{
	const struct vfs *vfs = e->drive->vfs;
	struct mask_stream *st = mask_stream_new(e->mask);
	struct buf out = BUF_INIT((size_t)-1);
	char *chunk = xmalloc(CHUNK);
	int from = slot_open(e->slots, o->slot, o->which, err);
	off_t at = 0;
	ssize_t n = 0;
	int result = from < 0 ? -1 : 0;

	while (result == 0 && at < o->size && (n = pread_all(from, chunk,
	    at + (off_t)CHUNK < o->size ? CHUNK : (size_t)(o->size - at),
	    at)) > 0) {
		at += n;
		buf_reset(&out);
		mask_stream_add(st, &out, chunk, (size_t)n);
		if (at == o->size)
			mask_stream_end(st, &out);
		result = vfs->append(vfs->ctx, to, out.data, out.len);
	}
	if (from >= 0 && (result != 0 || n < 0))
		result = err_errno(err, "the log of a step");
	if (from >= 0)
		close(from);
	mask_stream_free(st);
	free(chunk);
	buf_free(&out);
	return result;
}

/* A file that a record names is on disk before the record is. */
static int
keep_file(struct engine *e, const struct output *o, const char *name,
    struct err *err)
{
	const struct vfs *vfs = e->drive->vfs;
	int dir = e->drive->dir->log_fd, result;
	int fd = vfs->open(vfs->ctx, dir, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

	if (fd < 0)
		return err_errno(err, "the log file %s", name);
	result = copy_masked(e, o, fd, err);
	if (result == 0 && (vfs->sync(vfs->ctx, fd) != 0 ||
	    vfs->sync_dir(vfs->ctx, dir) != 0))
		result = err_errno(err, "the log file %s", name);
	vfs->close(vfs->ctx, fd);
	return result;
}

static int
keep_in_file(struct engine *e, const struct output *o, json_t *payload,
    const char *key, const char *address, unsigned attempt, struct err *err)
{
	struct buf name = BUF_INIT(256), member = BUF_INIT(64);
	int result;

	escape_filename(&name, address, strlen(address));
	buf_addf(&name, ".%u.%s", attempt, key);
	result = keep_file(e, o, name.data, err);
	if (result == 0) {
		buf_addf(&member, "%s_file", key);
		json_object_set_new(payload, member.data,
		    json_sprintf("log/%s", name.data));
	}
	buf_free(&name);
	buf_free(&member);
	return result;
}

int
output_keep(struct engine *e, const struct output *o, json_t *payload,
    const char *key, const char *address, unsigned attempt, struct err *err)
{
	struct buf masked = BUF_INIT((size_t)-1);
	struct buf member = BUF_INIT(64);
	struct value v;

	if (o->size == 0)
		return 0;
	buf_addf(&member, "%s_size", key);
	json_object_set_new(payload, member.data, json_integer(o->size));
	buf_free(&member);
	if (o->size > (off_t)LIMIT_OUT_IN_RECORD)
		return keep_in_file(e, o, payload, key, address, attempt, err);
	if (mask_text(e->mask, &masked, o->raw.data, o->raw.len))
		json_object_set_new(payload, "masked", json_true());
	v = value_static("");
	v.u.string.p = masked.data;
	v.u.string.n = masked.len;
	json_object_set_new(payload, key, value_to_record(v));
	buf_free(&masked);
	return 0;
}
