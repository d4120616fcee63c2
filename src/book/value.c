#include "book/value.h"

#include <string.h>

#include "base/arena.h"

struct value value_null(void)
{
	return (struct value){ .type = VALUE_NULL };
}

struct value value_bool(bool b)
{
	return (struct value){ .type = VALUE_BOOL, .u.boolean = b };
}

struct value value_int(int64_t i)
{
	return value_of(VALUE_INT, i);
}

struct value value_real(double d)
{
	return (struct value){ .type = VALUE_REAL, .u.real = d };
}

struct value value_of(enum value_type type, int64_t i)
{
	return (struct value){ .type = type, .u.integer = i };
}

static struct value of_string(const char *s, size_t n)
{
	return (struct value){ .type = VALUE_STRING, .u.string = { s, n } };
}

struct value value_string(struct arena *a, const char *s, size_t n)
{
	return of_string(arena_strndup(a, s, n), n);
}

struct value value_cstring(struct arena *a, const char *s)
{
	return value_string(a, s, strlen(s));
}

struct value value_static(const char *s)
{
	return of_string(s, strlen(s));
}

struct value value_unknown(const char *why)
{
	return (struct value){ .type = VALUE_UNKNOWN, .u.why = why };
}

const char *value_type_name(enum value_type type)
{
	static const char *const names[] = {
		[VALUE_NULL] = "null", [VALUE_BOOL] = "a bool",
		[VALUE_INT] = "an int", [VALUE_REAL] = "a real",
		[VALUE_STRING] = "a string", [VALUE_DURATION] = "a duration",
		[VALUE_SIZE] = "a size", [VALUE_TIME] = "a time",
		[VALUE_LIST] = "a list", [VALUE_MAP] = "a map",
		[VALUE_UNKNOWN] = "unknown",
	};

	return names[type];
}

static int order_int(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int order_real(double a, double b)
{
	return (a > b) - (a < b);
}

/* A double cannot hold every int64, so the int is not converted. */
static int order_int_real(int64_t i, double d)
{
	int64_t whole;

	if (d >= 0x1p63)
		return -1;
	if (d < -0x1p63)
		return 1;
	whole = (int64_t)d;
	if (i != whole)
		return order_int(i, whole);
	return order_real(0, d - (double)whole);
}

static int order_strings(struct value a, struct value b)
{
	size_t n = a.u.string.n < b.u.string.n ? a.u.string.n : b.u.string.n;
	int order = n ? memcmp(a.u.string.p, b.u.string.p, n) : 0;

	return order ? order :
	    (a.u.string.n > b.u.string.n) - (a.u.string.n < b.u.string.n);
}

int value_order(struct value a, struct value b)
{
	if (a.type == VALUE_REAL && b.type == VALUE_REAL)
		return order_real(a.u.real, b.u.real);
	if (a.type == VALUE_REAL)
		return -order_int_real(b.u.integer, a.u.real);
	if (b.type == VALUE_REAL)
		return order_int_real(a.u.integer, b.u.real);
	if (a.type == VALUE_STRING)
		return order_strings(a, b);
	if (a.type == VALUE_BOOL)
		return order_int(a.u.boolean, b.u.boolean);
	return order_int(a.u.integer, b.u.integer);
}

static bool equal_lists(struct value a, struct value b)
{
	size_t i;

	if (a.u.list.n != b.u.list.n)
		return false;
	for (i = 0; i < a.u.list.n; i++) {
		if (!value_equal(a.u.list.items[i], b.u.list.items[i]))
			return false;
	}
	return true;
}

static bool equal_maps(struct value a, struct value b)
{
	const struct value_entry *e;
	const struct value *other;
	size_t i;

	if (a.u.map.n != b.u.map.n)
		return false;
	for (i = 0; i < a.u.map.n; i++) {
		e = &a.u.map.entries[i];
		other = value_member(b, e->key, e->key_len);
		if (!other || !value_equal(e->value, *other))
			return false;
	}
	return true;
}

static bool is_number(enum value_type t)
{
	return t == VALUE_INT || t == VALUE_REAL || t == VALUE_SIZE;
}

bool value_equal(struct value a, struct value b)
{
	if (is_number(a.type) && is_number(b.type))
		return value_order(a, b) == 0;
	if (a.type != b.type || a.type == VALUE_UNKNOWN)
		return false;
	switch (a.type) {
	case VALUE_NULL: return true;
	case VALUE_LIST: return equal_lists(a, b);
	case VALUE_MAP: return equal_maps(a, b);
	default: return value_order(a, b) == 0;
	}
}

/* Does `test` hold of the value, or of anything inside it? */
static bool any_inside(struct value v, bool (*test)(struct value v))
{
	size_t i;

	if (test(v))
		return true;
	if (v.type == VALUE_LIST) {
		for (i = 0; i < v.u.list.n; i++) {
			if (any_inside(v.u.list.items[i], test))
				return true;
		}
	}
	if (v.type == VALUE_MAP) {
		for (i = 0; i < v.u.map.n; i++) {
			if (any_inside(v.u.map.entries[i].value, test))
				return true;
		}
	}
	return false;
}

static bool marked_secret(struct value v)
{
	return v.flags & (VALUE_SECRET | VALUE_HOLDS_SECRET);
}

static bool marked_unknown(struct value v)
{
	return v.type == VALUE_UNKNOWN || v.flags & VALUE_HOLDS_UNKNOWN;
}

/* The marks would do; this looks all the same, because it is the wall. */
bool value_is_secret(struct value v)
{
	return any_inside(v, marked_secret);
}

bool value_is_unknown(struct value v)
{
	return any_inside(v, marked_unknown);
}

static struct value copy_list(struct arena *a, struct value v)
{
	struct value_list l = { .arena = a, .cap = v.u.list.n };
	size_t i;

	l.items = arena_array(a, l.cap, sizeof *l.items);
	for (i = 0; i < v.u.list.n; i++)
		value_list_add(&l, value_copy(a, v.u.list.items[i]));
	return value_list_done(&l);
}

static struct value copy_map(struct arena *a, struct value v)
{
	struct value_map m = { .arena = a };
	const struct value_entry *e;
	size_t i;

	for (i = 0; i < v.u.map.n; i++) {
		e = &v.u.map.entries[i];
		value_map_put(&m, e->key, e->key_len, value_copy(a, e->value));
	}
	return value_map_done(&m);
}

struct value value_copy(struct arena *a, struct value v)
{
	struct value copy = v;

	switch (v.type) {
	case VALUE_STRING:
		copy = value_string(a, v.u.string.p, v.u.string.n);
		break;
	case VALUE_LIST:
		copy = copy_list(a, v);
		break;
	case VALUE_MAP:
		copy = copy_map(a, v);
		break;
	case VALUE_UNKNOWN:
		copy.u.why = arena_strdup(a, v.u.why);
		break;
	default:
		break;
	}
	copy.flags |= v.flags;
	return copy;
}
