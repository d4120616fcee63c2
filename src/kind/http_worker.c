#include "kind/http.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "book/json.h"
#include "client/httpc.h"
#include "kind/worker.h"

struct asked {
	bool sent;
	bool changes;
};

/* An http server is a stranger: what reads its bytes may do little else. */
static void
confine(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#if !defined(__SANITIZE_ADDRESS__)
	struct rlimit limit = { 1024 * MIB, 1024 * MIB };

	setrlimit(RLIMIT_AS, &limit);
#endif
	/* resolver and TLS library listen to the environment, we do not */
	clearenv();
}

static int
mark_sent(void *ctx)
{
	struct asked *a = ctx;

	if (a->sent)
		return 0;
	if (write_all(STDOUT_FILENO, HTTP_SENT, strlen(HTTP_SENT)) != 0)
		return -1;
	fdatasync(STDOUT_FILENO);
	a->sent = true;
	return 0;
}

static struct httpc_header *
headers_of(struct arena *a, struct value list, size_t *n)
{
	struct httpc_header *h;
	size_t i;

	*n = list.type == VALUE_LIST ? list.u.list.n : 0;
	h = arena_array(a, *n + 1, sizeof *h);
	for (i = 0; i < *n; i++) {
		h[i].name = arena_strdup(a, worker_text(list.u.list.items[i],
		    "name"));
		h[i].value = arena_strdup(a, worker_text(list.u.list.items[i],
		    "value"));
	}
	return h;
}

/* ---- the result */

static struct value
result_headers(struct arena *a, const struct httpc_response *rs)
{
	struct value_map m = { .arena = a };
	size_t i;

	for (i = 0; i < rs->headers.n; i++) {
		const struct httpc_header *h = &rs->headers.v[i];
		const struct value *before = value_member(value_map_done(&m),
		    h->name, strlen(h->name));

		value_map_put(&m, h->name, strlen(h->name), value_cstring(a,
		    before == NULL ? h->value : arena_printf(a, "%s, %s",
		    before->u.string.p, h->value)));
	}
	return value_map_done(&m);
}

static struct value
result_tls(struct arena *a, const struct httpc_response *rs)
{
	struct value_map m = { .arena = a };
	struct value_list names = { .arena = a };
	size_t i;

	if (!rs->tls)
		return value_null();
	for (i = 0; i < rs->names.n; i++)
		value_list_add(&names, value_cstring(a, rs->names.v[i]));
	worker_put(&m, "verified", value_bool(rs->verified));
	worker_put(&m, "not_after", rs->not_after == 0 ? value_null() :
	    value_of(VALUE_TIME, rs->not_after));
	worker_put(&m, "names", value_list_done(&names));
	if (rs->why != NULL)
		worker_put(&m, "why", value_cstring(a, rs->why));
	return value_map_done(&m);
}

static struct value
result(struct arena *a, const struct httpc_response *rs)
{
	struct value_map m = { .arena = a };
	bool asked = rs->status != 0;

	worker_put(&m, "status", asked ? value_int(rs->status) :
	    value_null());
	worker_put(&m, "headers", result_headers(a, rs));
	worker_put(&m, "body", asked ? value_string(a, rs->body.data,
	    rs->body.len) : value_null());
	worker_put(&m, "tls", result_tls(a, rs));
	return value_map_done(&m);
}

static void
say_what_was_done(const struct asked *a, struct err *err)
{
	if (!a->sent)
		err_hint(err, "nothing was sent");
	else if (a->changes)
		err_hint(err, "it was sent, so it may have had its effect");
}

int
http_worker(const char *request, size_t n)
{
	struct arena *a = arena_new();
	struct err err = ERR_INIT;
	struct asked asked = { 0 };
	struct httpc_response rs;
	struct value rq;
	int status = 1;

	confine();
	if (worker_request(a, request, n, &rq, &err) == 0) {
		struct value body = worker_member(rq, "body");
		struct httpc_request q = {
			.method = worker_text(rq, "method"),
			.url = worker_text(rq, "url"),
			.user_password = worker_maybe(rq, "user_password"),
			.body = worker_maybe(rq, "body"),
			.body_len = body.type == VALUE_STRING ?
			    body.u.string.n : 0,
			.connect_to = worker_maybe(rq, "connect_to"),
			.follow = (int)worker_int(rq, "follow"),
			.secret = worker_flag(rq, "secret"),
			.ca = worker_maybe(rq, "ca"),
			.sent = mark_sent, .ctx = &asked,
		};

		asked.changes = worker_flag(rq, "effect");
		q.headers = headers_of(a, worker_member(rq, "headers"),
		    &q.n_headers);
		if (httpc_ask(&q, &rs, &err) == 0)
			status = worker_done(result(a, &rs), &err);
		httpc_free(&rs);
	}
	if (err.set) {
		say_what_was_done(&asked, &err);
		status = worker_failed(&err);
	}
	err_free(&err);
	arena_free(a);
	return status;
}
