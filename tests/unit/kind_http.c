/* http: URLs and requests from texts, what is refused, the worker. */
#include "tests/unit/httpd_help.h"
#include "tests/unit/kind_help.h"

#include "kind/http.h"

#define GET(url) "    http: {get: '" url "'}\n"
#define STEP(s) "    " s "\n"

/* URLs, and what is asked (W3, V5). */
static const struct { const char *body, *words; } urls[] = {
	{ GET("http://h"), "curl -sS http://h/" },
	{ GET("HTTPS://h/a/b?c=d"), "curl -sS 'https://h/a/b?c=d'" },
	{ GET("http://h?x"), "curl -sS 'http://h/?x'" },
	{ GET("http://h/\xc3\xa4"), "curl -sS http://h/%C3%A4" },
	{ GET("http://h/${{ params.odd }}/b?q=${{ params.odd }}"),
	  "curl -sS 'http://h/a%2F..%2F%3Fb%23c%20%26%0Ad/b"
	  "?q=a%2F..%2F%3Fb%23c%20%26%0Ad'" },
	{ GET("http://${{ params.host }}/x"), "curl -sS http://db.example/x" },
	{ GET("http://${{ params.host }}:81/x"), "db.example:81/x" },
	{ GET("http://${{ params.port }}/x"), "http://db:8080/x" },
	{ GET("http://a.${{ params.host }}/x"), "http://a.db.example/x" },
	{ GET("${{ params.url }}"), "curl -sS 'https://h:1/a?b'" },
	{ GET("${{ params.url }}=${{ params.x }}"), "'https://h:1/a?b=v'" },
};

static const struct { const char *body, *words; } refused[] = {
	{ GET("file:///etc/passwd"), "begins with http" },
	{ GET("ftp://h/"), "begins with http" },
	{ GET("//h/"), "begins with http" },
	{ GET("h"), "begins with http" },
	{ GET("http://"), "host name" },
	{ GET("http:///x"), "host name" },
	{ GET("http://u:p@h/"), "user and password" },
	{ GET("http://h\\@evil/"), "no \"\\\"" },
	{ GET("http://h/#x"), "no \"#\"" },
	{ GET("http://h/a b"), "no blanks" },
	{ GET("http://h/a/../b"), "\"..\"" },
	{ GET("http://h/./b"), "\"..\"" },
	{ GET("http://h/%2E%2e/b"), "\"..\"" },
	{ GET("http://h/${{ params.dots }}/b"), "\"..\"" },
	{ GET("http://h/.${{ params.dot }}/b"), "\"..\"" },
	{ GET("http://${{ params.odd }}/b"), "host name or an address" },
	{ GET("http://${{ params.at }}/b"), "host name or an address" },
	{ GET("http://${{ params.empty }}/b"), "host name or an address" },
	{ GET("http://${{ params.port }}.evil/"), "no valid host name" },
	{ GET("http${{ params.x }}://h/"), "begins with http" },
	{ GET("${{ params.x }}"), "begins with http" },
	{ GET("${{ params.at }}"), "begins with http" },
	{ GET("${{ steps.seen.path }}"), "params, vars or inputs" },
	{ GET("http://h/${{ secrets.pw }}"), "secret" },
	{ STEP("http: {get: 'http://h/', post: 'http://h/'}"),
	  "exactly one" },
	{ STEP("http: {body: x}"), "exactly one" },
	{ STEP("http: {get: 'http://h/', follow: 6}"), "from 0 to 5" },
	{ STEP("http: {get: 'http://h/', endpoint: x}"), "not built yet" },
	{ STEP("http: {get: 'http://h/', headers: {'a b': c}}"),
	  "name of a header" },
	{ STEP("http: {get: 'http://h/', headers: {Host: c}}"),
	  "set by cairn" },
	{ STEP("http: {get: 'http://h/', headers: {A: '${{ params.odd }}'}}"),
	  "newline" },
	{ STEP("http: {get: 'http://h/', auth: 'a:b'}"), "is a secret" },
	{ STEP("http: {get: 'http://h/', auth: {bearer: x}}"), "is a secret" },
	{ STEP("http: {get: 'http://h/', auth: {header: X}}"), "`auth`" },
	{ STEP("http: {get: 'http://h/', auth: {header: X, value: '${{"
	  " secrets.pw }}', bearer: '${{ secrets.pw }}'}}"), "`auth`" },
	{ STEP("http: {get: 'http://h/', auth: '${{ secrets.pw }}'}"),
	  "user:password" },
	{ STEP("http: {get: 'http://h/', connect_to: 'a/b'}"), "address" },
	{ STEP("http: {get: 'http://h/', connect_to: '${{ params.at }}'}"),
	  "address" },
	{ STEP("http: {delete: 'http://h/x'}"), "destroys" },
	{ STEP("http: {post: 'http://h/_flush'}"), "destroys" },
	/* no origin from a capture when there is a secret (W2) */
	{ STEP("http: {get: 'http://${{ steps.seen.path }}/', auth: 'u:${{"
	  " secrets.pw }}'}"), "capture" },
	{ STEP("http: {get: 'http://h/', connect_to: '${{ steps.seen.path }}'"
	  ", auth: 'u:${{ secrets.pw }}'}"), "capture" },
	{ STEP("http: {get: 'http://${{ steps.seen.path }}/'}"), NULL },
	{ STEP("http: {get: 'http://h/${{ steps.seen.path }}', auth: 'u:${{"
	  " secrets.pw }}'}"), NULL },
};

static const struct { const char *body, *shown; } shown[] = {
	{ STEP("http: {post: 'http://h/', body: ''}"),
	  "curl -sS -X POST --data-binary '' http://h/" },
	{ STEP("http: {post: 'http://h/', body: {a: 1, b: [x, '1', true,"
	  " null, 1.5, '${{ params.n }}', '${{ secrets.pw }}']}}"),
	  "curl -sS -X POST -H 'content-type: application/json' --data-binary "
	  "'{\"a\":1,\"b\":[\"x\",\"1\",true,null,1.5,7,\"[secret:pw]\"]}' "
	  "http://h/" },
	{ STEP("http: {put: 'http://h/', body: 'k=${{ secrets.pw }}'}"),
	  "curl -sS -X PUT --data-binary 'k=[secret:pw]' http://h/" },
	{ STEP("http: {get: 'http://h/', auth: 'u:${{ secrets.pw }}'}"),
	  "curl -sS -u 'u:[secret:pw]' http://h/" },
	{ STEP("http: {get: 'http://h/', auth: {bearer: '${{ secrets.pw }}'}}")
	  , "curl -sS -H 'authorization: Bearer [secret:pw]' http://h/" },
	{ STEP("http: {get: 'http://h/', auth: {header: X-Key, value: '${{"
	  " secrets.pw }}'}, follow: 2, connect_to: '10.0.0.1'}"),
	  "curl -sS -L --max-redirs 2 --connect-to ::10.0.0.1: -H "
	  "'X-Key: [secret:pw]' http://h/" },
	{ STEP("http: {post: 'http://h/', body: '${{ params.list }}'}"),
	  "curl -sS -X POST -H 'content-type: application/json' --data-binary "
	  "'[\"one\",\"two\"]' http://h/" },
};

static const char *const wild[] = { "", " ", ".", "..", "/", "*", "a,b",
	"_all" };

static struct httpd server;

static void
values(struct kit *k)
{
	kit_params(k, "{\"odd\":\"a/../?b#c &\\nd\",\"host\":\"db.example\","
	    "\"port\":\"db:8080\",\"url\":\"https://h:1/a?b\",\"x\":\"v\","
	    "\"dots\":\"..\",\"dot\":\".\",\"at\":\"a@b\",\"empty\":\"\","
	    "\"n\":7,\"list\":[\"one\",\"two\"]}");
	kit_set(k, 2, "pw", value_static("hunter22"));
	value_map_put(&k->roots[1], "seen", 4, value_null());
}

static void
seen(struct kit *k, const char *path)
{
	struct value_map m = { .arena = k->arena };
	struct value v = value_cstring(k->arena, path);

	v.flags |= VALUE_FOREIGN;
	value_map_put(&m, "path", 4, v);
	kit_set(k, 1, "seen", value_map_done(&m));
}

static void
test_urls(void **state)
{
	struct err err = ERR_INIT;
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	values(&k);
	for (i = 0; i < COUNT(urls); i++) {
		if (kit_make(&k, urls[i].body, &err) != 0)
			fail_msg("%s: %s", urls[i].body, err.text);
		if (strstr(kit_shown(&k), urls[i].words) == NULL)
			fail_msg("%s: %s", urls[i].body, kit_shown(&k));
	}
	kit_close(&k);
}

static void
test_refused(void **state)
{
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	values(&k);
	seen(&k, "h.example");
	for (i = 0; i < COUNT(refused); i++)
		kit_expect(&k, refused[i].body, refused[i].words);
	kit_close(&k);
}

static void
test_shown(void **state)
{
	struct err err = ERR_INIT;
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	values(&k);
	for (i = 0; i < COUNT(shown); i++) {
		if (kit_make(&k, shown[i].body, &err) != 0)
			fail_msg("%s: %s", shown[i].body, err.text);
		assert_string_equal(kit_shown(&k), shown[i].shown);
		assert_false(value_is_secret(k.job.shown));
	}
	kit_close(&k);
}

static void
test_wild(void **state)
{
	static const char body[] =
	    STEP("http: {delete: 'http://h/${{ params.v }}'}")
	    STEP("effect: destroys")
	    STEP("targets: [here]");
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	for (i = 0; i < COUNT(wild); i++) {
		kit_set(&k, 0, "v", value_static(wild[i]));
		kit_expect(&k, body, "");
		if (k.complaint != NULL)
			fail_msg("%s", k.complaint);
		assert_null(k.job.spec.request);
	}
	kit_close(&k);
}

/* ---- the worker */

struct asked {
	const char *body;            /* of the step, ports in braces */
	bool is_look;
	const char *error;           /* of reading, or NULL */
	int64_t status;              /* 0: null */
	const char *log;             /* in what the servers saw; "": nobody */
	bool sent;
};

static const struct asked asked[] = {
	{ STEP("http: {get: 'http://127.0.0.1:{http}/json'}"), false, NULL,
	  200, "GET /json", true },
	{ STEP("http: {post: 'http://127.0.0.1:{http}/x', body: {a: '${{"
	  " secrets.pw }}'}}"), false, NULL, 200,
	  "{\\\"a\\\":\\\"hunter22\\\"}", true },
	{ STEP("http: {post: 'http://127.0.0.1:{http}/x', body: {a: 1}}"),
	  false, NULL, 200, "\"content-type\": \"application/json\"", true },
	{ STEP("http: {get: 'http://127.0.0.1:{http}/x', auth: {header: X-K,"
	  " value: '${{ secrets.pw }}'}}"), false, NULL, 200,
	  "\"x-k\": \"hunter22\"", true },
	{ STEP("http: {get: 'http://127.0.0.1:{http}/to?url=http://127.0.0.1:"
	  "{other}/x', follow: 3, auth: {header: X-K, value: '${{ secrets.pw"
	  " }}'}}"), false, "its own origin", 0, "GET /to", true },
	{ STEP("http: {post: 'https://localhost:{own}/x'}"), false,
	  "nothing was sent", 0, "", false },
	{ STEP("http: {post: 'https://localhost:{own}/x'}"), true, NULL, 0, "",
	  false },
	{ STEP("http: {post: 'http://127.0.0.1:1/x'}"), false, "onnect", 0, "",
	  false },
	{ STEP("http: {post: 'http://127.0.0.1:{http}/vanish'}"), false,
	  "mpty reply", 0, "POST /vanish", true },
	{ STEP("http: {get: 'http://127.0.0.1:{http}/bytes'}"), false, NULL,
	  200, "GET /bytes", true },
};

static void
ask(struct kit *k, const struct asked *row)
{
	char *body = httpd_expand(&server, row->body), *out, *log;
	struct err err = ERR_INIT;
	struct value self;
	int status, result;

	if (kit_make(k, body, &err) != 0)
		fail_msg("%s: %s", body, err.text);
	k->call.is_look = row->is_look;
	out = kit_run(k, &status);
	log = httpd_log(&server);
	assert_int_equal(row->sent, !k->kind->not_begun(out, strlen(out)));
	result = kit_read(k, out, status, &self, &err);
	if ((result != 0) != (row->error != NULL) || (row->error != NULL &&
	    strstr(err.text, row->error) == NULL))
		fail_msg("%s: %s\n%s", body, err.set ? err.text : "fine", out);
	if (result == 0)
		assert_int_equal(kit_member(self, "status").type ==
		    VALUE_INT ? kit_member(self, "status").u.integer : 0,
		    row->status);
	if (result == 0 && row->status == 0)
		assert_false(kit_member(kit_member(self, "tls"),
		    "verified").u.boolean);
	if (row->log[0] == '\0' ? log[0] != '\0' :
	    strstr(log, row->log) == NULL)
		fail_msg("%s: the servers saw %s", body, log);
	assert_null(strstr(log, "\"other\""));
	err_free(&err);
	free(log);
	free(out);
	free(body);
}

static void
test_worker(void **state)
{
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	values(&k);
	for (i = 0; i < COUNT(asked); i++)
		ask(&k, &asked[i]);
	kit_close(&k);
}

static struct value
answer(struct kit *k, const char *url)
{
	char *body = arena_printf(k->arena, STEP("http: {get: '%s'}"), url);
	char *expanded = httpd_expand(&server, body), *out;
	struct err err = ERR_INIT;
	struct value self;
	int status;

	assert_int_equal(kit_make(k, expanded, &err), 0);
	out = kit_run(k, &status);
	/* through whatever is done to output: it is ASCII */
	for (body = out; *body != '\0'; body++)
		assert_true(*body == '\n' || (*body >= ' ' && *body < 0x7f));
	if (kit_read(k, out, status, &self, &err) != 0)
		fail_msg("%s", err.text);
	free(out);
	free(expanded);
	return self;
}

static void
test_leaves(void **state)
{
	struct value self, v;
	struct kit k;

	(void)state;
	kit_open(&k);
	self = answer(&k, "http://127.0.0.1:{http}/json");
	v = kit_member(kit_member(self, "json"), "a");
	assert_int_equal(v.u.list.n, 2);
	assert_string_equal(kit_member(kit_member(self, "headers"),
	    "content-type").u.string.p, "application/json");
	assert_int_equal(kit_member(self, "tls").type, VALUE_NULL);
	self = answer(&k, "http://127.0.0.1:{http}/bytes");
	assert_int_equal(kit_member(self, "body").u.string.n, 256);
	assert_int_equal(kit_member(self, "json").type, VALUE_UNKNOWN);
	self = answer(&k, "http://127.0.0.1:{http}/twice");
	assert_string_equal(kit_member(kit_member(self, "headers"),
	    "x-one").u.string.p, "a, b");
	kit_close(&k);
}

/* TLS that is verified, with the CA in the request. */
static void
test_tls(void **state)
{
	struct err err = ERR_INIT;
	struct value self, tls;
	struct kit k;
	char *url, *out;
	json_t *rq;
	int status;

	(void)state;
	kit_open(&k);
	url = httpd_expand(&server, STEP("http: {get: 'https://localhost:{good}"
	    "/x'}"));
	assert_int_equal(kit_make(&k, url, &err), 0);
	rq = json_loads(k.job.spec.request, 0, NULL);
	json_object_set_new(rq, "ca", json_string(server.ca));
	free(url);
	url = json_dumps(rq, 0);
	k.job.spec.request = url;
	k.job.spec.request_len = strlen(url);
	out = kit_run(&k, &status);
	assert_int_equal(kit_read(&k, out, status, &self, &err), 0);
	tls = kit_member(self, "tls");
	assert_true(kit_member(tls, "verified").u.boolean);
	assert_int_equal(kit_member(tls, "not_after").type, VALUE_TIME);
	assert_string_equal(kit_member(tls, "names").u.list.items[0].u.string.p,
	    "localhost");
	json_decref(rq);
	free(out);
	free(url);
	kit_close(&k);
}

/* A worker's result is read like a stranger's (J1). */
static void
test_strange_results(void **state)
{
	static const char *const outs[] = {
		"", "\n", "x\n", "{\n", "[]\n", "null\n", "{}\n",
		"{\"sent\":true}\n", "{\"status\":\"200\"}\n",
		"{\"status\":200}\n",
		"{\"status\":200,\"headers\":{},\"body\":1}\n",
		"{\"status\":200,\"headers\":[],\"body\":\"\"}\n",
		"{\"status\":200,\"status\":1,\"headers\":{},\"body\":\"\"}\n",
		"{\"error\":\"no\"}\n",
		"{\"status\":200,\"headers\":{},\"body\":\"\"}\ntrailer\n",
		("{\"status\":200,\"headers\":{},\"body\":\"\",\"tls\":"
		    "{\"verified\":false}}\n"),
	};
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	kit_book(&k, GET("http://h/"));
	kit_call(&k, false);
	for (i = 0; i < COUNT(outs); i++) {
		struct err err = ERR_INIT;
		struct value self;

		if (kit_read(&k, outs[i], 0, &self, &err) == 0)
			fail_msg("taken: %s", outs[i]);
		err_free(&err);
	}
	assert_true(k.kind->not_begun("", 0));
	assert_true(k.kind->not_begun("{\"sent\":true}", 13));
	assert_false(k.kind->not_begun(HTTP_SENT, strlen(HTTP_SENT)));
	kit_close(&k);
}

static int
start(void **state)
{
	(void)state;
	httpd_start(&server);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	httpd_stop(&server);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_wild),
		cmocka_unit_test(test_worker),
		cmocka_unit_test(test_leaves),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_strange_results),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
