/* From texts to the request of an attempt, and how it is shown. */
#include "kind/http.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/limits.h"
#include "client/httpc.h"
#include "kind/url.h"
#include "kind/worker.h"

const struct text *
http_url(const struct http *h, const char **method)
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
	const struct text *url = http_url(r->http, &r->method);

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

int
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
