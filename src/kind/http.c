#include "kind/http.h"

#include <string.h>

#include "base/arena.h"
#include "book/json.h"
#include "book/shell.h"
#include "client/httpc.h"
#include "kind/url.h"
#include "kind/worker.h"
#include "yaml/node.h"

/* ---- rows */

static const struct field auth_fields[] = {
	{ "bearer", &field_text, offsetof(struct auth, bearer), 0, NULL,
	  "A token, sent as `authorization: Bearer …`." },
	{ "header", &field_plain, offsetof(struct auth, header), 0, NULL,
	  "The name of a header, with `value`." },
	{ "value", &field_text, offsetof(struct auth, value), 0, NULL,
	  "What that header says." },
	{ 0 }
};

static const struct shape auth_shape = {
	.name = "`auth`", .fields = auth_fields, .size = sizeof(struct auth),
	.help = "How a request says who it is from.",
};

static int
auth_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	struct auth *a = dst;

	if (node->type != NODE_MAP)
		return field_text.decode(d, node, f, &a->basic);
	if (shape_decode(d, &auth_shape, node, a) != 0)
		return -1;
	if ((a->header != NULL) == (a->value != NULL) &&
	    (a->header != NULL) != (a->bearer != NULL))
		return 0;
	errs_add(decode_errs(d), node->mark, "`auth` is a secret "
	    "user:password, or {bearer: …}, or {header: …, value: …}");
	return -1;
}

static int
auth_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct auth *a = src;

	return a->basic != NULL ? v->visit(v->ctx, f, a->basic, NULL) :
	    shape_walk(&auth_shape, src, v);
}

static const struct field_type field_auth = {
	"a secret user:password, {bearer: …} or {header: …, value: …}",
	auth_decode, auth_walk,
	"{\"anyOf\": [{\"$ref\": \"@text\"}, {\"$ref\": \"@arg\"}]}"
};

static const struct field http_fields[] = {
	{ "get", &field_text, offsetof(struct http, get), FIELD_NO_SECRET,
	  NULL, "The URL to be read." },
	{ "post", &field_text, offsetof(struct http, post), FIELD_NO_SECRET,
	  NULL, "The URL that `body` is sent to by POST." },
	{ "put", &field_text, offsetof(struct http, put), FIELD_NO_SECRET,
	  NULL, "The URL that `body` is put to." },
	{ "delete", &field_text, offsetof(struct http, del), FIELD_NO_SECRET,
	  NULL, "The URL of what is deleted." },
	{ "body", &field_json_body, offsetof(struct http, body), 0, NULL,
	  "Text, sent as it is; or a map or list, sent as JSON." },
	{ "headers", &field_labels, offsetof(struct http, headers), 0, NULL,
	  "Headers of the request, by name." },
	{ "auth", &field_auth, offsetof(struct http, auth), 0, &auth_shape,
	  "A secret: user:password, {bearer: token}, or {header: name, "
	  "value: secret}." },
	{ "connect_to", &field_text, offsetof(struct http, connect_to),
	  FIELD_NO_SECRET, NULL, "An address, with a port or without, that is "
	  "asked instead of what the name leads to; certificate and name stay "
	  "those of the URL." },
	{ "follow", &field_int, offsetof(struct http, follow), 0, NULL,
	  "How many redirects are followed, 0 to 5; by default none." },
	{ "endpoint", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ "via", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ 0 }
};

static const struct shape http_shape = {
	.name = "`http`", .fields = http_fields, .size = sizeof(struct http),
	.help = "One HTTP request.",
};

static const char *const http_leaves[] = {
	"status", "headers", "body", "json", "tls", NULL
};

/* ---- what is written */

static enum effect
http_effect(const void *spec)
{
	return ((const struct http *)spec)->get != NULL ? EFFECT_READS :
	    EFFECT_CHANGES;
}

/* Headers that say how a message is framed, or that have a key of their own. */
static bool
is_ours(const char *name)
{
	static const char *const ours[] = { "host", "content-length",
	    "transfer-encoding", "connection", "expect", "upgrade", "te",
	    "trailer", "proxy-authorization" };
	size_t i;

	for (i = 0; i < sizeof ours / sizeof *ours; i++)
		if (strcasecmp(name, ours[i]) == 0)
			return true;
	return false;
}

static void
check_header(const char *name, struct mark mark, struct errs *errs)
{
	if (!httpc_is_token(name, strlen(name)))
		errs_add(errs, mark, "'%s' cannot be the name of a header",
		    name);
	else if (is_ours(name))
		errs_add(errs, mark, "the header '%s' is set by cairn", name);
	if (strcasecmp(name, "host") == 0)
		errs_hint(errs, "`connect_to` asks another server under the "
		    "same name");
}

static void
check_auth(const struct auth *a, const struct body *body, struct errs *errs)
{
	const struct text *t = a->basic != NULL ? a->basic :
	    a->bearer != NULL ? a->bearer : a->value;

	if (a->header != NULL)
		check_header(a->header, body->mark, errs);
	if (t == NULL || !text_is_literal(t))
		return;
	errs_add(errs, text_mark(t), "`auth` is a secret: it may not be "
	    "written in the book");
	errs_hint(errs, "declare it in `secrets` and write "
	    "${{ secrets.NAME }}");
}

static void
check_url(const struct http *h, enum effect effect, struct errs *errs)
{
	const char *method, *word, *source;
	const struct text *url = http_url(h, &method);

	url_check(url, errs);
	source = text_source(url);
	word = h->get != NULL ? NULL : h->del != NULL ? "delete" :
	    destroying_word(source, strlen(source));
	check_destroying(word, text_mark(url), effect, errs);
}

static void
http_check(const void *spec, const struct body *body, enum effect effect,
    struct errs *errs)
{
	const struct http *h = spec;
	int urls = (h->get != NULL) + (h->post != NULL) + (h->put != NULL) +
	    (h->del != NULL);
	size_t i;

	if (urls != 1)
		errs_add(errs, body->mark, "`http` wants exactly one of get, "
		    "post, put, delete");
	else
		check_url(h, effect, errs);
	for (i = 0; i < h->headers.n; i++)
		check_header(h->headers.v[i].name, h->headers.v[i].mark, errs);
	check_auth(&h->auth, body, errs);
	if (h->follow < 0 || h->follow > 5)
		errs_add(errs, body->mark, "`follow` is a number from 0 to 5");
	if (h->connect_to != NULL && text_is_literal(h->connect_to) &&
	    !httpc_is_authority(text_source(h->connect_to),
	    strlen(text_source(h->connect_to))))
		errs_add(errs, text_mark(h->connect_to), "`connect_to` is an "
		    "address, with a port or without");
}

/* ---- the answer */

static struct value
json_of(const struct kind_call *call, struct value body)
{
	struct err err = ERR_INIT;
	struct value v;

	if (body.type != VALUE_STRING)
		return value_unknown("there is no answer");
	if (value_from_json(call->arena, body.u.string.p, body.u.string.n, &v,
	    &err) != 0)
		v = value_unknown(arena_printf(call->arena,
		    "the body is no JSON: %s", err.text));
	err_free(&err);
	return v;
}

static bool
is_refused(struct value result)
{
	struct value tls = worker_member(result, "tls");
	struct value verified = worker_member(tls, "verified");

	return verified.type == VALUE_BOOL && !verified.u.boolean;
}

static bool
is_answer(struct value result)
{
	struct value status = worker_member(result, "status");

	return worker_member(result, "headers").type == VALUE_MAP && (is_refused(
	    result) ? status.type == VALUE_NULL : status.type == VALUE_INT &&
	    worker_member(result, "body").type == VALUE_STRING);
}

static int
http_read(const struct kind_call *call, const struct kind_outcome *o,
    struct value *self, struct err *err)
{
	struct value_map m = { .arena = call->arena };
	static const char *const kept[] = { "status", "headers", "body",
	    "tls" };
	struct value result;
	size_t i;

	if (worker_result(call, o, &result, err) != 0)
		return -1;
	if (!is_answer(result))
		return err_set(err, "the worker ended without an answer");
	if (is_refused(result) && !call->is_look) {
		struct value why = worker_member(worker_member(result, "tls"), "why");

		return err_set(err, "the certificate was not accepted, so "
		    "nothing was sent: %s", why.type == VALUE_STRING ?
		    why.u.string.p : "");
	}
	for (i = 0; i < sizeof kept / sizeof *kept; i++)
		worker_put(&m, kept[i], worker_member(result, kept[i]));
	worker_put(&m, "json", json_of(call, worker_member(result, "body")));
	*self = value_map_done(&m);
	return 0;
}

static bool
http_not_begun(const char *out, size_t n)
{
	return n < strlen(HTTP_SENT) ||
	    memcmp(out, HTTP_SENT, strlen(HTTP_SENT)) != 0;
}


const struct kind kind_http = {
	.shape = {
		"http",
		"One HTTP request. Certificates are always verified; when that "
		"fails nothing is sent: a step fails, a look sees "
		"`self.tls.verified == false` and a null `self.status`. Any "
		"status may be success: say which in `verify` or `holds`. An "
		"expression in path or query is one encoded segment, in the "
		"authority a host name or address; a request that carries a "
		"secret goes only to its own origin. Proxies and cookies are "
		"not used. It leaves `status`, `headers` (names in lower "
		"case), `body`, `json` (cannot be told when the body is no "
		"JSON) and `tls` with `verified`, `not_after` and `names`.",
		{ "http", &field_shape, 0, 0, &http_shape,
		  "One HTTP request." },
		sizeof(struct http),
	},
	.flow = FLOW_JOB,
	.effect = EFFECT_CHANGES,
	.effect_of = http_effect,
	.in_look = true,
	.in_undo = true,
	.leaves = http_leaves,
	.check = http_check,
	.make = http_make,
	.read = http_read,
	.not_begun = http_not_begun,
	.is_worker = true,
};
