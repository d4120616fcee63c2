#include "book/expr_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/rx.h"
#include "book/json.h"
#include "book/table.h"

#define DIGITS_MAX 15      /* behind the point; a double has no more */

/* The text without blanks and newlines around it. */
static const char *trimmed(struct value v, size_t *n)
{
	const char *s = v.u.string.p;

	*n = v.u.string.n;
	while (*n && strchr(" \t\r\n", s[*n - 1]) && s[*n - 1])
		--*n;
	while (*n && strchr(" \t\r\n", *s) && *s)
		s++, --*n;
	return s;
}

static int refuse_text(struct call *c, const char *wanted)
{
	struct buf shown = BUF_INIT(200);

	value_show(&shown, c->args[0], 100);
	call_fail(c, 0, "%s is no %s", shown.data, wanted);
	buf_free(&shown);
	return -1;
}

static int int_of_real(struct call *c, double d, struct value *out)
{
	if (d != floor(d)) {
		refuse_text(c, "whole number");
		return call_hint(c, "write round(…)");
	}
	if (!(d >= -0x1p63 && d < 0x1p63))
		return refuse_text(c, "int: too large");
	*out = value_int((int64_t)d);
	return 0;
}

int fn_int(struct call *c, struct value *out)
{
	struct value v = c->args[0];
	const char *s;
	int64_t i;
	size_t n;

	if (v.type == VALUE_REAL)
		return int_of_real(c, v.u.real, out);
	if (v.type == VALUE_STRING) {
		s = trimmed(v, &n);
		if (parse_int(s, n, &i) < 0)
			return refuse_text(c, "int");
		v.u.integer = i;
	}
	*out = value_int(v.u.integer);
	return 0;
}

int fn_real(struct call *c, struct value *out)
{
	struct value v = c->args[0];
	const char *s;
	double d;
	size_t n;

	if (v.type == VALUE_STRING) {
		s = trimmed(v, &n);
		if (parse_real(s, n, &d) < 0)
			return refuse_text(c, "number");
	} else {
		d = v.type == VALUE_REAL ? v.u.real : (double)v.u.integer;
	}
	*out = value_real(d);
	return 0;
}

int fn_string(struct call *c, struct value *out)
{
	struct buf text = BUF_INIT(c->ev->max_bytes);
	struct err err = ERR_INIT;
	struct value v = c->args[0];

	if (v.type == VALUE_STRING) {
		*out = v;
		out->flags = 0;
		return 0;
	}
	if (v.type == VALUE_LIST || v.type == VALUE_MAP)
		value_json(&text, v);
	else if (value_text(&text, v, &err) < 0)
		err_free(&err);
	if (call_scan(c, text.len * 8) < 0) {
		buf_free(&text);
		return -1;
	}
	return call_arg_text(c, &text, out);
}

int fn_duration(struct call *c, struct value *out)
{
	struct value v = c->args[0];
	nsec d = v.u.integer;
	const char *s;
	size_t n;

	if (v.type == VALUE_STRING) {
		s = trimmed(v, &n);
		if (parse_duration(s, n, &d) < 0) {
			refuse_text(c, "duration");
			return call_hint(c, "90s, 1h30m, 14d; seconds in a "
			    "text: int(…) * 1s");
		}
	}
	*out = value_of(VALUE_DURATION, d);
	return 0;
}

int fn_size(struct call *c, struct value *out)
{
	struct value v = c->args[0];
	int64_t bytes = v.u.integer;
	const char *s;
	size_t n;

	if (v.type == VALUE_STRING) {
		s = trimmed(v, &n);
		if (parse_size(s, n, &bytes) < 0) {
			refuse_text(c, "size");
			return call_hint(c, "20 GiB, 5 MB, or digits alone: "
			    "bytes");
		}
	}
	if (bytes < 0)
		return refuse_text(c, "size");
	*out = value_of(VALUE_SIZE, bytes);
	return 0;
}

int fn_time(struct call *c, struct value *out)
{
	struct value v = c->args[0];
	nsec t = v.u.integer;
	const char *s;
	size_t n;

	if (v.type == VALUE_STRING) {
		s = trimmed(v, &n);
		if (parse_time(s, n, &t) < 0) {
			refuse_text(c, "time");
			return call_hint(c, "2026-11-24T01:02:03Z, or with "
			    "an offset: …+01:00");
		}
	}
	*out = value_of(VALUE_TIME, t);
	return 0;
}

/* Reads another text format: its own errors get the name of the function and
 * nothing of a secret. */
static int refuse_format(struct call *c, struct err *err)
{
	if (c->args[0].flags & VALUE_SECRET)
		call_fail(c, 0, "the secret cannot be read so");
	else
		call_fail(c, 0, "%s", err->text);
	if (err->hint && !(c->args[0].flags & VALUE_SECRET))
		call_hint(c, err->hint);
	err_free(err);
	return -1;
}

int fn_json(struct call *c, struct value *out)
{
	struct err err = ERR_INIT;
	size_t n = c->args[0].u.string.n;

	/* Making values of a text is eight times as much as looking at it. */
	if (call_scan(c, n * 8) < 0)
		return -1;
	if (value_from_json(c->ev->arena, c->args[0].u.string.p, n, out,
	    &err) < 0) {
		refuse_format(c, &err);
		return n ? -1 : call_hint(c, "the text is empty");
	}
	return eval_spend(c->ev, c->node, 0);
}

int fn_table(struct call *c, struct value *out)
{
	struct err err = ERR_INIT;
	size_t n = c->args[0].u.string.n;

	if (call_scan(c, n * 8) < 0)
		return -1;
	if (table_parse(c->ev->arena, c->args[0].u.string.p, n,
	    c->args[1].u.string.p, out, &err) < 0)
		return refuse_format(c, &err);
	return eval_spend(c->ev, c->node, 0);
}

int fn_re(struct call *c, struct value *out)
{
	struct buf text = BUF_INIT(c->ev->max_bytes);
	struct buf quoted = BUF_INIT(c->ev->max_bytes);
	struct err err = ERR_INIT;

	if (value_text(&text, c->args[0], &err) < 0) {
		buf_free(&text);
		return refuse_format(c, &err);
	}
	rx_quote(&quoted, text.data, text.len);
	buf_free(&text);
	return call_arg_text(c, &quoted, out);
}

int fn_now(struct call *c, struct value *out)
{
	*out = value_of(VALUE_TIME, c->ev->scope->now);
	return 0;
}

int fn_since(struct call *c, struct value *out)
{
	nsec d;

	if (__builtin_sub_overflow(c->ev->scope->now, c->args[0].u.integer,
	    &d))
		return call_fail(c, 0, "that is too long ago");
	*out = value_of(VALUE_DURATION, d);
	return 0;
}

int fn_abs(struct call *c, struct value *out)
{
	struct value v = c->args[0];

	if (v.type == VALUE_REAL) {
		*out = value_real(fabs(v.u.real));
		return 0;
	}
	if (v.u.integer == INT64_MIN)
		return call_fail(c, 0, "the result is too large");
	*out = value_of(v.type, v.u.integer < 0 ? -v.u.integer :
	    v.u.integer);
	return 0;
}

/* By way of its decimal text, so that 2.675 rounds as it is written. */
static int round_digits(struct call *c, double d, struct value *out)
{
	int64_t digits = c->args[1].u.integer;
	char text[400];

	if (digits < 0 || digits > DIGITS_MAX)
		return call_fail(c, 1, "digits are 0 to %d", DIGITS_MAX);
	snprintf(text, sizeof text, "%.*f", (int)digits, d);
	*out = value_real(strtod(text, NULL));
	return 0;
}

int fn_round(struct call *c, struct value *out)
{
	struct value v = c->args[0];

	if (c->n == 2)
		return round_digits(c, v.type == VALUE_REAL ? v.u.real :
		    (double)v.u.integer, out);
	if (v.type != VALUE_REAL) {
		*out = value_of(v.type, v.u.integer);
		return 0;
	}
	return int_of_real(c, round(v.u.real), out);
}
