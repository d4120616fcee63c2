/* URLs from texts: an expression in the authority is a host name or address,
 * one in path or query is a single encoded segment (security.md W3). */
#ifndef CAIRN_KIND_URL_H
#define CAIRN_KIND_URL_H

#include "base/buf.h"
#include "kind/call.h"

/* A URL under construction; `{ .text = BUF_INIT(URL_MAX) }` is an empty one. */
#define URL_MAX (64 * 1024)
enum url_part { URL_SCHEME, URL_AUTHORITY, URL_PATH, URL_QUERY };
struct url {
	struct buf text;
	enum url_part part;
	size_t authority, path;          /* where they begin in text */
};

/* Appends what the author wrote. */
int url_literal(struct url *u, const char *s, size_t n, struct err *err);
/* Appends a value. */
int url_value(struct url *u, const char *s, size_t n, struct err *err);
/* The whole of it: has a host, no segment is "." or "..". */
int url_done(struct url *u, struct err *err);

/* What can be said of a URL before its values are known. */
void url_check(const struct text *t, struct errs *errs);
/* The URL with its values, without flags. `secret`: the request carries one,
 * so its origin may come from nowhere but the book. */
int url_eval(const struct kind_call *call, const struct text *t, bool secret,
    struct value *out, struct err *err);

#endif
