#include "kind/http.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/limits.h"
#include "book/json.h"
#include "book/shell.h"
#include "client/httpc.h"
#include "kind/json_body.h"
#include "kind/url.h"
#include "kind/worker.h"
#include "yaml/node.h"

struct auth {
	struct text *basic;          /* user:password, or … */
	struct text *bearer;         /* … or … */
	const char *header;          /* … with */
	struct text *value;
};

struct http {
	struct text *get, *post, *put, *del;
	struct json_body body;
	struct assigns headers;
	struct auth auth;
	struct text *connect_to;
	int64_t follow;
};

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
	"{\"type\": [\"string\", \"object\"]}"
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
	{ "auth", &field_auth, offsetof(struct http, auth), 0, NULL,
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

/* The URL, and by which method; the first one that is there. */
static const struct text *
url_of(const struct http *h, const char **method)
{
	static const char *const methods[] = { "GET", "POST", "PUT",
	    "DELETE" };
	const struct text *urls[] = { h->get, h->post, h->put, h->del };
	size_t i;

	for (i = 0; i < 3 && urls[i] == NULL; i++)
		;
	*method = methods[i];
	return urls[i];
}

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
	const struct text *url = url_of(h, &method);

	url_check(url, errs);
	source = text_source(url);
	word = h->get != NULL ? NULL : h->del != NULL ? "delete" :
	    destroying_word(source, strlen(source));
	check_destroying(word, text_mark(url), effect, errs);
	if (effect == EFFECT_DESTROYS)
		check_joined(url, errs);
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

/* ---- the request */

struct request {
	const struct kind_call *call;
	const struct http *http;
	const char *method;
	struct value url, body, user_password, connect_to;
	struct value_list headers;
	bool secret, json;
	struct buf shown;            /* headers, as options of curl(1) */
};

/* The secret is on its way into a request that is never on a disk: from here
 * on its flag would only be in the way. */
static struct value
bare(struct value v)
{
	v.flags = 0;
	return v;
}

static void
put(struct value_map *m, const char *key, struct value v)
{
	worker_put(m, key, bare(v));
}

static void
add_header(struct request *r, const char *name, struct value v)
{
	struct value_map m = { .arena = r->call->arena };

	put(&m, "name", value_cstring(r->call->arena, name));
	put(&m, "value", v);
	value_list_add(&r->headers, value_map_done(&m));
}

/* `before`: a fixed word in front of the value. */
static void
show_header(struct request *r, const char *name, const char *before,
    const struct text *t)
{
	struct buf line = BUF_INIT(LIMIT_HTTP_HEADERS);

	buf_addf(&line, "%s: %s", name, before);
	call_show(r->call, t, &line);
	buf_adds(&r->shown, " -H ");
	escape_shell(&r->shown, line.data, line.len);
	buf_free(&line);
}

static bool
has_control(struct value v)
{
	size_t i;

	for (i = 0; i < v.u.string.n; i++)
		if ((unsigned char)v.u.string.p[i] < ' ' ||
		    v.u.string.p[i] == 0x7f)
			return true;
	return false;
}

static int
eval_header(struct request *r, const char *name, const char *before,
    const struct text *t, struct err *err)
{
	struct arena *a = r->call->arena;
	struct value v;

	if (text_eval(t, r->call->scope, a, &v, err) != 0 ||
	    call_wild(r->call, t, false, err) != 0)
		return -1;
	if (has_control(v))
		return err_at(err, text_mark(t), "a header may hold no "
		    "newline and no control character");
	r->secret |= value_is_secret(v);
	show_header(r, name, before, t);
	add_header(r, name, value_cstring(a, arena_printf(a, "%s%s", before,
	    v.u.string.p)));
	return 0;
}

static int
eval_basic(struct request *r, const struct text *t, struct err *err)
{
	struct buf shown = BUF_INIT(LIMIT_SECRET);
	struct value v;

	if (text_eval(t, r->call->scope, r->call->arena, &v, err) != 0)
		return -1;
	if (strchr(v.u.string.p, ':') == NULL)
		return err_at(err, text_mark(t), "`auth` has to be "
		    "user:password; this has no \":\"");
	r->user_password = v;
	call_show(r->call, t, &shown);
	buf_adds(&r->shown, " -u ");
	escape_shell(&r->shown, shown.data, shown.len);
	buf_free(&shown);
	return 0;
}

static int
eval_auth(struct request *r, struct err *err)
{
	const struct auth *a = &r->http->auth;

	if (a->basic == NULL && a->bearer == NULL && a->value == NULL)
		return 0;
	r->secret = true;
	if (a->basic != NULL)
		return eval_basic(r, a->basic, err);
	if (a->bearer != NULL)
		return eval_header(r, "authorization", "Bearer ", a->bearer,
		    err);
	return eval_header(r, a->header, "", a->value, err);
}

static int
eval_headers(struct request *r, struct err *err)
{
	const struct assigns *list = &r->http->headers;
	bool typed = false;
	size_t i;

	for (i = 0; i < list->n; i++) {
		typed |= strcasecmp(list->v[i].name, "content-type") == 0;
		if (eval_header(r, list->v[i].name, "", list->v[i].text,
		    err) != 0)
			return -1;
	}
	if (!r->json || typed)
		return 0;
	add_header(r, "content-type", value_static("application/json"));
	buf_adds(&r->shown, " -H 'content-type: application/json'");
	return 0;
}

static int
eval_connect_to(struct request *r, struct err *err)
{
	const struct text *t = r->http->connect_to;

	if (t == NULL)
		return 0;
	if (call_text(r->call, t, &r->connect_to, err) != 0)
		return -1;
	if (!httpc_is_authority(r->connect_to.u.string.p,
	    r->connect_to.u.string.n))
		return err_at(err, text_mark(t), "`connect_to` is an address, "
		    "with a port or without");
	if (r->secret && (r->connect_to.flags & VALUE_FOREIGN))
		return err_at(err, text_mark(t), "this request carries a "
		    "secret: where it goes may not come from a capture or an "
		    "item");
	return 0;
}

static int
eval_request(struct request *r, struct err *err)
{
	const struct text *url = url_of(r->http, &r->method);

	if (json_body_eval(r->call, &r->http->body, &r->body, &r->json,
	    err) != 0)
		return -1;
	r->secret = value_is_secret(r->body);
	if (eval_headers(r, err) != 0 || eval_auth(r, err) != 0 ||
	    eval_connect_to(r, err) != 0)
		return -1;
	return url_eval(r->call, url, r->secret, &r->url, err);
}

static void
pack(struct request *r, struct job_spec *spec)
{
	struct value_map m = { .arena = r->call->arena };

	put(&m, "method", value_static(r->method));
	put(&m, "url", r->url);
	put(&m, "headers", value_list_done(&r->headers));
	put(&m, "body", r->body);
	put(&m, "user_password", r->user_password);
	put(&m, "connect_to", r->connect_to);
	put(&m, "follow", value_int(r->http->follow));
	put(&m, "secret", value_bool(r->secret));
	put(&m, "effect", value_bool(r->call->effect != EFFECT_READS));
	worker_send(r->call->arena, value_map_done(&m), spec);
}

static bool
has_port(const char *authority)
{
	const char *bracket = strchr(authority, ']');

	return strchr(bracket != NULL ? bracket : authority, ':') != NULL;
}

/* As a command of curl(1), which whoever reads it can try. */
static struct value
show(struct request *r)
{
	struct buf out = BUF_INIT(LIMIT_STDIN), body = BUF_INIT(LIMIT_STDIN);
	struct value v;

	buf_adds(&out, "curl -sS");
	if (r->http->get == NULL || r->body.type != VALUE_NULL)
		buf_addf(&out, " -X %s", r->method);
	if (r->http->follow > 0)
		buf_addf(&out, " -L --max-redirs %d", (int)r->http->follow);
	if (r->connect_to.type == VALUE_STRING)
		buf_addf(&out, " --connect-to ::%s%s",
		    r->connect_to.u.string.p,
		    has_port(r->connect_to.u.string.p) ? "" : ":");
	buf_add(&out, r->shown.data, r->shown.len);
	if (r->body.type != VALUE_NULL) {
		json_body_show(r->call, &r->http->body, &body);
		buf_adds(&out, " --data-binary ");
		escape_shell(&out, body.data, body.len);
	}
	buf_addc(&out, ' ');
	escape_shell(&out, r->url.u.string.p, r->url.u.string.n);
	v = value_string(r->call->arena, out.data, out.len);
	buf_free(&out);
	buf_free(&body);
	return v;
}

static int
http_make(const struct kind_call *call, struct kind_job *job, struct err *err)
{
	struct request r = {
		.call = call, .http = call->body->spec,
		.body = value_null(), .user_password = value_null(),
		.connect_to = value_null(),
		.headers = { .arena = call->arena },
		.shown = BUF_INIT(LIMIT_STDIN),
	};
	struct kind_job made = { .spec = { .worker = "http",
	    .cwd = call->work_dir, .env = call->base_env } };
	int result = eval_request(&r, err);

	if (result == 0) {
		pack(&r, &made.spec);
		made.shown = show(&r);
		*job = made;
	}
	buf_free(&r.shown);
	return result;
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
	struct value verified = worker_member(worker_member(result, "tls"), "verified");

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

static const struct worker worker = { "http", http_worker };

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
	.worker = &worker,
};
