#include "kind/url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "client/httpc.h"

/* ---- building */

static void
encode(struct buf *out, unsigned char c)
{
	buf_addf(out, "%%%02X", c);
}

/* Takes "http://" or "https://" as soon as it is complete. */
static int
scheme_char(struct url *u, char c, struct err *err)
{
	static const char *const schemes[] = { "http://", "https://" };
	size_t i;
	bool could = false;

	buf_addc(&u->text, (char)tolower((unsigned char)c));
	for (i = 0; i < 2; i++) {
		could |= strncmp(schemes[i], u->text.data, u->text.len) == 0;
		if (strcmp(schemes[i], u->text.data) == 0) {
			u->part = URL_AUTHORITY;
			u->authority = u->text.len;
		}
	}
	return could ? 0 : err_set(err,
	    "a URL begins with http:// or https://");
}

static void
begin_path(struct url *u)
{
	u->part = URL_PATH;
	u->path = u->text.len;
}

static int
authority_char(struct url *u, char c, struct err *err)
{
	if (c == '@')
		return err_set(err, "a URL may hold no user and password; use "
		    "`auth`");
	if (c == '/' || c == '?') {
		begin_path(u);
		if (c == '?') {
			buf_addc(&u->text, '/');
			u->part = URL_QUERY;
		}
	}
	buf_addc(&u->text, c);
	return 0;
}

static int
literal_char(struct url *u, char c, struct err *err)
{
	unsigned char byte = (unsigned char)c;

	if (byte <= ' ' || byte == 0x7f)
		return err_set(err, "a URL holds no blanks and no control "
		    "characters");
	if (c == '\\' || c == '#')
		return err_set(err, "a URL that is asked holds no \"%c\"", c);
	if (u->part == URL_SCHEME)
		return scheme_char(u, c, err);
	if (u->part == URL_AUTHORITY)
		return authority_char(u, c, err);
	if (u->part == URL_PATH && c == '?')
		u->part = URL_QUERY;
	if (byte >= 0x80)
		encode(&u->text, byte);
	else
		buf_addc(&u->text, c);
	return 0;
}

int
url_literal(struct url *u, const char *s, size_t n, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (literal_char(u, s[i], err) != 0)
			return -1;
	return 0;
}

int
url_value(struct url *u, const char *s, size_t n, struct err *err)
{
	size_t i;

	if (u->part == URL_SCHEME)
		return err_set(err, "a URL begins with http:// or https://, "
		    "written in the book");
	if (u->part == URL_AUTHORITY) {
		if (!httpc_is_authority(s, n))
			return err_set(err, "in a URL this has to be a host "
			    "name or an address, with a port or without");
		buf_add(&u->text, s, n);
		return 0;
	}
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (isalnum(c) || (c != '\0' && strchr("-._~", c) != NULL))
			buf_addc(&u->text, s[i]);
		else
			encode(&u->text, c);
	}
	return 0;
}

/* "." and "..", also as %2e: servers and libraries take them away. */
static bool
is_dots(const char *s, size_t n)
{
	size_t dots = 0, i = 0;

	while (i < n) {
		if (s[i] == '.')
			i++;
		else if (n - i >= 3 && strncasecmp(s + i, "%2e", 3) == 0)
			i += 3;
		else
			return false;
		dots++;
	}
	return dots == 1 || dots == 2;
}

int
url_done(struct url *u, struct err *err)
{
	const char *p;
	size_t n;

	if (u->part == URL_SCHEME)
		return err_set(err, "a URL begins with http:// or https://");
	if (u->part == URL_AUTHORITY) {
		begin_path(u);
		buf_addc(&u->text, '/');
	}
	if (u->text.cut)
		return err_set(err, "the URL is longer than %d KiB",
		    URL_MAX / 1024);
	if (!httpc_is_authority(u->text.data + u->authority,
	    u->path - u->authority))
		return err_set(err, "the URL has no valid host name");
	for (p = u->text.data + u->path; *p == '/'; p += n) {
		p++;
		n = strcspn(p, "/?");
		if (is_dots(p, n))
			return err_set(err, "\".\" and \"..\" may not stand in "
			    "the path of a URL");
	}
	return 0;
}

/* ---- texts */

static const char *const authors[] = { "params", "vars", "inputs", NULL };

static int
check_part(struct url *u, const struct text_part *part, struct err *err)
{
	if (part->literal != NULL)
		return url_literal(u, part->literal, part->len, err);
	return url_value(u, "x", 1, err);
}

void
url_check(const struct text *t, struct errs *errs)
{
	struct url u = { .text = BUF_INIT(URL_MAX) };
	struct err err = ERR_INIT;
	size_t i;

	if (t->n > 0 && t->parts[0].expr != NULL) {
		if (!expr_uses_only(t->parts[0].expr, authors))
			errs_add(errs, text_mark(t), "a URL that begins with "
			    "an expression comes from params, vars or inputs "
			    "only");
		return;
	}
	for (i = 0; i < t->n && !err.set; i++)
		check_part(&u, &t->parts[i], &err);
	/* "x:x" may be host and port: only values will tell */
	if (!err.set && text_is_literal(t))
		url_done(&u, &err);
	if (err.set) {
		err_place(&err, text_mark(t));
		errs_take(errs, &err);
	}
	buf_free(&u.text);
}

static int
check_foreign(const struct url *u, struct value v, bool secret,
    struct err *err)
{
	if (!secret || u->part > URL_AUTHORITY ||
	    !(v.flags & VALUE_FOREIGN))
		return 0;
	return err_set(err, "this request carries a secret: where it goes may "
	    "not come from a capture or an item");
}

static int
eval_part(const struct kind_call *call, struct url *u,
    const struct text_part *part, bool first, bool secret, struct err *err)
{
	struct buf text = BUF_INIT(URL_MAX);
	struct value v;
	int result = -1;

	if (part->literal != NULL)
		return url_literal(u, part->literal, part->len, err);
	if (expr_eval(part->expr, call->scope, call->arena, &v, err) != 0)
		return -1;
	if (value_is_secret(v))
		err_set(err, "a secret may not stand in a URL");
	else if (check_foreign(u, v, secret, err) == 0 &&
	    value_text(&text, v, err) == 0)
		result = first ? url_literal(u, text.data, text.len, err) :
		    url_value(u, text.data, text.len, err);
	u->text.cut |= text.cut;
	buf_free(&text);
	return result == 0 ? 0 : err_place(err, expr_mark(part->expr));
}

int
url_eval(const struct kind_call *call, const struct text *t, bool secret,
    struct value *out, struct err *err)
{
	struct url u = { .text = BUF_INIT(URL_MAX) };
	int result = call_wild(call, t, true, err);
	size_t i;

	for (i = 0; i < t->n && result == 0; i++)
		result = eval_part(call, &u, &t->parts[i], i == 0, secret,
		    err);
	if (result == 0)
		result = url_done(&u, err);
	if (result == 0)
		*out = value_string(call->arena, u.text.data, u.text.len);
	else
		err_place(err, text_mark(t));
	buf_free(&u.text);
	return result;
}
