#include "book/expr_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/rx.h"
#include "book/base64.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' ||
	    c == '\f';
}

int fn_contains(struct call *c, struct value *out)
{
	struct value text = c->args[0], part = c->args[1];

	*out = value_bool(part.u.string.n == 0 || memmem(text.u.string.p,
	    text.u.string.n, part.u.string.p, part.u.string.n) != NULL);
	return call_scan(c, text.u.string.n);
}

int fn_startswith(struct call *c, struct value *out)
{
	struct value text = c->args[0], part = c->args[1];
	size_t n = part.u.string.n;

	*out = value_bool(n <= text.u.string.n &&
	    memcmp(text.u.string.p, part.u.string.p, n) == 0);
	return call_scan(c, n);
}

int fn_endswith(struct call *c, struct value *out)
{
	struct value text = c->args[0], part = c->args[1];
	size_t n = part.u.string.n, m = text.u.string.n;

	*out = value_bool(n <= m &&
	    memcmp(text.u.string.p + (m - n), part.u.string.p, n) == 0);
	return call_scan(c, n);
}

/* One piece of a text, charged as work. */
static int add_piece(const struct call *c, struct value_list *l, const char *s,
    size_t n)
{
	value_list_add(l, value_string(c->ev->arena, s, n));
	/* Eight pieces weigh as much as one operation. */
	return eval_spend(c->ev, c->node, l->n % 8 == 0);
}

int fn_split(struct call *c, struct value *out)
{
	const char *s = c->args[0].u.string.p, *sep = c->args[1].u.string.p;
	const char *end = s + c->args[0].u.string.n, *found;
	size_t n = c->args[1].u.string.n;
	struct value_list l = { .arena = c->ev->arena };

	if (n == 0)
		return call_fail(c, 1, "the separator is empty");
	while ((found = memmem(s, (size_t)(end - s), sep, n)) != NULL) {
		if (add_piece(c, &l, s, (size_t)(found - s)) < 0)
			return -1;
		s = found + n;
	}
	if (add_piece(c, &l, s, (size_t)(end - s)) < 0)
		return -1;
	*out = value_list_done(&l);
	return call_scan(c, c->args[0].u.string.n);
}

int fn_lines(struct call *c, struct value *out)
{
	const char *s = c->args[0].u.string.p, *found;
	const char *end = s + c->args[0].u.string.n;
	struct value_list l = { .arena = c->ev->arena };
	size_t n;

	while (s < end) {
		found = memchr(s, '\n', (size_t)(end - s));
		if (!found)
			found = end;
		n = (size_t)(found - s);
		if (add_piece(c, &l, s, n && s[n - 1] == '\r' ? n - 1 : n) < 0)
			return -1;
		s = found + 1;
	}
	*out = value_list_done(&l);
	return call_scan(c, c->args[0].u.string.n);
}

int fn_words(struct call *c, struct value *out)
{
	const char *s = c->args[0].u.string.p;
	size_t n = c->args[0].u.string.n, at = 0, from;
	struct value_list l = { .arena = c->ev->arena };

	for (;;) {
		while (at < n && is_blank(s[at]))
			at++;
		if (at == n)
			break;
		for (from = at; at < n && !is_blank(s[at]);)
			at++;
		if (add_piece(c, &l, s + from, at - from) < 0)
			return -1;
	}
	*out = value_list_done(&l);
	return call_scan(c, n);
}

int fn_join(struct call *c, struct value *out)
{
	const struct value *items = c->args[0].u.list.items;
	struct buf text = BUF_INIT(c->ev->max_bytes);
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < c->args[0].u.list.n && !text.cut; i++) {
		if (i)
			buf_add(&text, c->args[1].u.string.p,
			    c->args[1].u.string.n);
		if (value_text(&text, items[i], &err) < 0) {
			buf_free(&text);
			err_free(&err);
			return call_fail(c, 0, "element %zu is %s, no text",
			    i, value_type_name(items[i].type));
		}
	}
	if (eval_spend(c->ev, c->node, i / 8 + text.len / KIB) < 0) {
		buf_free(&text);
		return -1;
	}
	return call_arg_text(c, &text, out);
}

int fn_trim(struct call *c, struct value *out)
{
	const char *s = c->args[0].u.string.p;
	size_t n = c->args[0].u.string.n;

	while (n && is_blank(s[n - 1]))
		n--;
	while (n && is_blank(*s))
		s++, n--;
	*out = value_string(c->ev->arena, s, n);
	return call_scan(c, n);
}

/* Letters of ASCII only: what a program writes must not depend on a locale. */
static int change_case(struct call *c, char first, char last, int by,
    struct value *out)
{
	size_t n = c->args[0].u.string.n, i;
	char *s = arena_strndup(c->ev->arena, c->args[0].u.string.p, n);

	for (i = 0; i < n; i++) {
		if (s[i] >= first && s[i] <= last)
			s[i] = (char)(s[i] + by);
	}
	*out = (struct value){ .type = VALUE_STRING, .u.string = { s, n } };
	return call_scan(c, n);
}

int fn_lower(struct call *c, struct value *out)
{
	return change_case(c, 'A', 'Z', 'a' - 'A', out);
}

int fn_upper(struct call *c, struct value *out)
{
	return change_case(c, 'a', 'z', 'A' - 'a', out);
}

int fn_base64(struct call *c, struct value *out)
{
	struct buf text = BUF_INIT(c->ev->max_bytes);

	base64_add(&text, c->args[0].u.string.p, c->args[0].u.string.n);
	if (call_scan(c, text.len) < 0) {
		buf_free(&text);
		return -1;
	}
	return call_arg_text(c, &text, out);
}

int fn_sha256(struct call *c, struct value *out)
{
	char hex[DIGEST_HEX + 1];

	sha256_hex(c->args[0].u.string.p, c->args[0].u.string.n, hex);
	*out = value_string(c->ev->arena, hex, DIGEST_HEX);
	return call_scan(c, c->args[0].u.string.n);
}

static bool has_control(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return true;
	}
	return false;
}

/* What is wrong with a component, or NULL (security.md V8). */
static const char *bad_component(const char *s, size_t n)
{
	if (n == 0)
		return "has an empty component";
	if (n == 1 && s[0] == '.')
		return "has a component '.'";
	if (n == 2 && s[0] == '.' && s[1] == '.')
		return "has a component '..'";
	return NULL;
}

static const char *bad_part(struct value part)
{
	const char *s = part.u.string.p, *slash, *why;
	size_t n = part.u.string.n;

	if (n == 0)
		return "is empty";
	if (has_control(s, n))
		return "has a control character";
	if (s[0] == '/')
		return "is absolute";
	while ((slash = memchr(s, '/', n)) != NULL) {
		if (part.flags & VALUE_FOREIGN)
			return "has a '/'; what was captured, or is an item, "
			    "is one component";
		why = bad_component(s, (size_t)(slash - s));
		if (why)
			return why;
		n -= (size_t)(slash - s) + 1;
		s = slash + 1;
	}
	return bad_component(s, n);
}

/* The base is a place of its own; it only may not step back. */
static const char *bad_base(struct value base)
{
	const char *s = base.u.string.p, *end = s + base.u.string.n, *slash;

	if (s == end)
		return "is empty";
	if (has_control(s, base.u.string.n))
		return "has a control character";
	for (; s < end; s = slash + 1) {
		slash = memchr(s, '/', (size_t)(end - s));
		if (!slash)
			slash = end;
		if (slash - s == 2 && s[0] == '.' && s[1] == '.')
			return "has a component '..'";
	}
	return NULL;
}

static int bad_path(struct call *c, size_t i, const char *why)
{
	struct buf shown = BUF_INIT(200);

	value_show(&shown, c->args[i], 100);
	call_fail(c, i, "%s %s", shown.data, why);
	buf_free(&shown);
	return -1;
}

int fn_path_join(struct call *c, struct value *out)
{
	struct buf path = BUF_INIT(c->ev->max_bytes);
	const char *why = bad_base(c->args[0]);
	size_t i, n = c->args[0].u.string.n;

	if (why)
		return bad_path(c, 0, why);
	while (n && c->args[0].u.string.p[n - 1] == '/')
		n--;
	buf_add(&path, c->args[0].u.string.p, n);
	for (i = 1; i < c->n; i++) {
		why = bad_part(c->args[i]);
		if (why) {
			buf_free(&path);
			return bad_path(c, i, why);
		}
		buf_addc(&path, '/');
		buf_add(&path, c->args[i].u.string.p, c->args[i].u.string.n);
	}
	return call_arg_text(c, &path, out);
}
