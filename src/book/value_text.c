#include "book/value.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"

#define NSEC_PER_MS (NSEC_PER_SEC / 1000)

static void add_time(struct buf *out, nsec wall)
{
	if (wall % NSEC_PER_SEC)
		format_time_us(out, wall);
	else
		format_time(out, wall);
}

/* One number and one unit: what `sleep` and most programs read. */
static void add_duration(struct buf *out, nsec d)
{
	if (d % NSEC_PER_SEC)
		buf_addf(out, "%lldms", (long long)(d / NSEC_PER_MS));
	else
		buf_addf(out, "%llds", (long long)(d / NSEC_PER_SEC));
}

static int add_string(struct buf *out, struct value v, struct err *err)
{
	if (v.u.string.n && memchr(v.u.string.p, '\0', v.u.string.n))
		return err_set(err, "a string holds a NUL byte");
	buf_add(out, v.u.string.p, v.u.string.n);
	return 0;
}

int value_text(struct buf *out, struct value v, struct err *err)
{
	switch (v.type) {
	case VALUE_STRING:
		return add_string(out, v, err);
	case VALUE_BOOL:
		buf_adds(out, v.u.boolean ? "true" : "false");
		return 0;
	case VALUE_INT:
	case VALUE_SIZE:
		buf_addf(out, "%lld", (long long)v.u.integer);
		return 0;
	case VALUE_REAL:
		format_real(out, v.u.real);
		return 0;
	case VALUE_DURATION:
		add_duration(out, v.u.integer);
		return 0;
	case VALUE_TIME:
		add_time(out, v.u.integer);
		return 0;
	case VALUE_UNKNOWN:
		return err_set(err, "the value is not known: %s", v.u.why);
	default:
		err_set(err, "%s cannot stand in text",
		    value_type_name(v.type));
		return err_hint(err, v.type == VALUE_NULL ?
		    "say what stands there instead: … ?? ''" :
		    "write join(…, ', ') or string(…)");
	}
}

static void add_json_char(struct buf *out, char c)
{
	switch (c) {
	case '"': buf_adds(out, "\\\""); break;
	case '\\': buf_adds(out, "\\\\"); break;
	case '\n': buf_adds(out, "\\n"); break;
	case '\r': buf_adds(out, "\\r"); break;
	case '\t': buf_adds(out, "\\t"); break;
	default: buf_addf(out, "\\u%04x", (unsigned char)c);
	}
}

static size_t plain_run(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == '"' ||
		    s[i] == '\\' || s[i] == 0x7f)
			break;
	}
	return i;
}

static void add_json_string(struct buf *out, const char *s, size_t n)
{
	size_t valid = 0, run;

	buf_addc(out, '"');
	while (n && !out->cut) {
		if (valid == 0)
			valid = utf8_valid_prefix(s, n);
		run = plain_run(s, valid);
		buf_add(out, s, run);
		if (valid == 0)
			buf_adds(out, "\xef\xbf\xbd");
		else if (run < valid)
			add_json_char(out, s[run]);
		if (run == 0 || run < valid)
			run++;
		valid -= run < valid ? run : valid;
		s += run;
		n -= run;
	}
	buf_addc(out, '"');
}

enum reader { FOR_PROGRAMS, FOR_PEOPLE };

static void write_value(struct buf *out, struct value v, enum reader reader);

static void write_members(struct buf *out, struct value v, enum reader reader)
{
	bool is_map = v.type == VALUE_MAP;
	size_t n = is_map ? v.u.map.n : v.u.list.n, i;
	const struct value_entry *e;

	buf_addc(out, is_map ? '{' : '[');
	for (i = 0; i < n && !out->cut; i++) {
		if (i)
			buf_adds(out, reader == FOR_PEOPLE ? ", " : ",");
		if (!is_map) {
			write_value(out, v.u.list.items[i], reader);
			continue;
		}
		e = &v.u.map.entries[i];
		add_json_string(out, e->key, e->key_len);
		buf_adds(out, reader == FOR_PEOPLE ? ": " : ":");
		write_value(out, e->value, reader);
	}
	buf_addc(out, is_map ? '}' : ']');
}

static void write_scalar(struct buf *out, struct value v)
{
	struct err err = ERR_INIT;
	bool quoted = v.type == VALUE_DURATION || v.type == VALUE_TIME;

	if (quoted)
		buf_addc(out, '"');
	if (value_text(out, v, &err) < 0)
		err_free(&err);
	if (quoted)
		buf_addc(out, '"');
}

static void show_scalar(struct buf *out, struct value v)
{
	switch (v.type) {
	case VALUE_UNKNOWN: buf_addf(out, "unknown (%s)", v.u.why); break;
	case VALUE_DURATION: format_duration(out, v.u.integer); break;
	case VALUE_SIZE: format_size(out, v.u.integer); break;
	case VALUE_TIME: add_time(out, v.u.integer); break;
	default: write_scalar(out, v);
	}
}

static void write_value(struct buf *out, struct value v, enum reader reader)
{
	if (reader == FOR_PEOPLE && v.flags & VALUE_SECRET)
		buf_adds(out, "[secret]");
	else if (v.type == VALUE_STRING)
		add_json_string(out, v.u.string.p, v.u.string.n);
	else if (v.type == VALUE_LIST || v.type == VALUE_MAP)
		write_members(out, v, reader);
	else if (v.type == VALUE_NULL)
		buf_adds(out, "null");
	else if (reader == FOR_PEOPLE)
		show_scalar(out, v);
	else if (v.type == VALUE_UNKNOWN)
		buf_adds(out, "null");
	else
		write_scalar(out, v);
}

void value_json(struct buf *out, struct value v)
{
	write_value(out, v, FOR_PROGRAMS);
}

/* Cuts to `max` bytes, not inside a character, and says so. */
static void add_cut(struct buf *out, const struct buf *text, size_t max)
{
	static const char dots[] = "…";
	size_t room = max < sizeof dots ? 0 : max - (sizeof dots - 1), valid;

	if (room > text->len)
		room = text->len;
	/* At most three bytes of a cut character; more are no UTF-8 at all. */
	valid = utf8_valid_prefix(text->data, room);
	buf_add(out, text->data, room - valid < 4 ? valid : room);
	buf_adds(out, dots);
}

void value_show(struct buf *out, struct value v, size_t max)
{
	struct buf text = BUF_INIT(max);

	if (v.type == VALUE_STRING && !(v.flags & VALUE_SECRET)) {
		buf_addc(&text, '\'');
		buf_add(&text, v.u.string.p, v.u.string.n);
		buf_addc(&text, '\'');
	} else {
		write_value(&text, v, FOR_PEOPLE);
	}
	if (text.cut)
		add_cut(out, &text, max);
	else
		buf_add(out, text.data, text.len);
	buf_free(&text);
}
