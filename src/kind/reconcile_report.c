/* What a reconcile shows: cells as an aligned text, kept as evidence. */
#include "kind/reconcile.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/file.h"
#include "kind/call.h"
#include "kind/worker.h"

#define COLUMNS 5
#define WIDEST 60

static const char *const heads[COLUMNS] = { "row", "column", "left", "right",
    "expected" };

/* ---- cells as text */

static void
cell_text(struct buf *out, struct value cell, const char *key)
{
	struct value v = worker_member(cell, key);
	struct buf raw = BUF_INIT(1024);

	if (v.type == VALUE_STRING && (key == heads[0] || key == heads[1]))
		buf_add(&raw, v.u.string.p, v.u.string.n < 900 ?
		    v.u.string.n : 900);
	else if (key != heads[4] || v.type != VALUE_NULL)
		value_show(&raw, v, 200);
	escape_line(out, raw.data, raw.len);
	buf_free(&raw);
}

void
report_cell(struct buf *out, struct value cell)
{
	struct value column = worker_member(cell, "column");

	cell_text(out, cell, heads[0]);
	if (column.type == VALUE_STRING && column.u.string.n > 0) {
		buf_adds(out, ", ");
		cell_text(out, cell, heads[1]);
	}
	buf_adds(out, ": left ");
	cell_text(out, cell, heads[2]);
	buf_adds(out, ", right ");
	cell_text(out, cell, heads[3]);
	if (worker_member(cell, "expected").type != VALUE_NULL) {
		buf_adds(out, ", expected ");
		cell_text(out, cell, heads[4]);
	}
}

/* ---- the aligned text */

static void
pad(struct buf *out, const char *s, size_t n, size_t width)
{
	size_t used = utf8_count(s, n);

	buf_add(out, s, n);
	for (; used < width; used++)
		buf_addc(out, ' ');
	buf_adds(out, "  ");
}

static void
measure(struct value list, size_t width[COLUMNS])
{
	struct buf b = BUF_INIT(4096);
	size_t i, k, n;

	for (i = 0; i < list.u.list.n; i++)
		for (k = 0; k < COLUMNS; k++) {
			buf_reset(&b);
			cell_text(&b, list.u.list.items[i], heads[k]);
			n = utf8_count(b.data, b.len);
			if (n > width[k])
				width[k] = n < WIDEST ? n : WIDEST;
		}
	buf_free(&b);
}

static void
print(struct buf *out, struct value list, const size_t width[COLUMNS])
{
	struct buf b = BUF_INIT(4096);
	size_t i, k;

	for (i = 0; i < list.u.list.n; i++) {
		struct value cell = list.u.list.items[i];
		const char *why = worker_maybe(cell, "why");

		for (k = 0; k < COLUMNS; k++) {
			buf_reset(&b);
			cell_text(&b, cell, heads[k]);
			if (width[k] > 0)
				pad(out, b.data, b.len, width[k]);
		}
		if (why == NULL)
			buf_adds(out, "DIFFERS");
		else
			buf_adds(out, worker_flag(cell, "warn") ?
			    "accepted, warning: " : "accepted: ");
		if (why != NULL)
			escape_line(out, why, strlen(why));
		buf_addc(out, '\n');
	}
	buf_free(&b);
}

void
report_table(struct buf *out, struct value differences, struct value accepted)
{
	size_t width[COLUMNS] = { 0 }, k, n;

	if (differences.u.list.n + accepted.u.list.n == 0)
		return;
	measure(differences, width);
	measure(accepted, width);
	for (k = 0; k < COLUMNS; k++) {
		n = strlen(heads[k]);
		if (width[k] == 0)
			continue;
		if (width[k] < n)
			width[k] = n;
		pad(out, heads[k], n, width[k]);
	}
	buf_truncate(out, out->len - 2);
	buf_addc(out, '\n');
	print(out, differences, width);
	print(out, accepted, width);
}

int
report_keep(const struct kind_call *call, const struct buf *text,
    struct value *name, struct err *err)
{
	struct buf b = BUF_INIT(1024);
	int result = 0;

	*name = value_null();
	if (call->files_fd < 0)
		return 0;
	escape_filename(&b, call->address, strlen(call->address));
	buf_addf(&b, ".%u.txt", call->attempt);
	if (file_write_atomic(call->files_fd, b.data, text->data, text->len,
	    err) != 0)
		result = -1;
	else
		*name = value_cstring(call->arena, arena_printf(call->arena,
		    "files/%s", b.data));
	buf_free(&b);
	return result;
}
