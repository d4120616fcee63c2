/* httpc against good and bad servers: TLS, redirects, limits (W1-W3). */
#include "tests/unit/httpd_help.h"

#include "client/httpc.h"
#include "base/limits.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

/* What one request looks like, and what comes of it. */
struct row {
	const char *method, *url;
	int follow;
	bool secret;
	long status;                 /* 0: refused certificate */
	const char *error;           /* or this */
	const char *asked;           /* stands in the log; NULL: nobody was */
};

static const struct row rows[] = {
	{ "GET", "http://127.0.0.1:{http}/x", 0, false, 200, NULL,
	  "GET /x HTTP/1.1" },
	{ "GET", "https://localhost:{good}/x", 0, false, 200, NULL,
	  "GET /x HTTP/1.1" },
	{ "GET", "https://127.0.0.1:{good}/status/503", 0, false, 503, NULL,
	  "GET /status/503" },
	/* W1: nothing is sent */
	{ "GET", "https://localhost:{own}/x", 0, false, 0, NULL, NULL },
	{ "POST", "https://localhost:{expired}/x", 0, false, 0, NULL, NULL },
	{ "POST", "https://localhost:{name}/x", 0, true, 0, NULL, NULL },
	{ "GET", "https://localhost:{http}/x", 0, false, 0, "SSL", NULL },
	/* W3 */
	{ "GET", "file:///etc/passwd", 0, false, 0, "only http", NULL },
	{ "GET", "ftp://127.0.0.1/x", 0, false, 0, "only http", NULL },
	{ "GET", "http://u:p@127.0.0.1:{http}/x", 0, false, 0, "user", NULL },
	{ "GET", "http://127.0.0.1:{http}/x\r\nX: y", 0, false, 0, "control",
	  NULL },
	{ "GE T", "http://127.0.0.1:{http}/x", 0, false, 0, "method", NULL },
	/* redirects */
	{ "GET", "http://127.0.0.1:{http}/to?url=/x", 0, false, 302, NULL,
	  "GET /to" },
	{ "GET", "http://127.0.0.1:{http}/to?url=/x", 1, true, 200, NULL,
	  "GET /x HTTP/1.1" },
	{ "POST", "http://127.0.0.1:{http}/to?url=/x", 1, false, 200, NULL,
	  "GET /x HTTP/1.1" },
	{ "POST", "http://127.0.0.1:{http}/to?status=307&url=/x", 1, false,
	  200, NULL, "POST /x HTTP/1.1" },
	{ "PUT", "http://127.0.0.1:{http}/to?status=303&url=/x", 1, false,
	  200, NULL, "GET /x HTTP/1.1" },
	{ "DELETE", "http://127.0.0.1:{http}/to?status=302&url=/x", 1, false,
	  200, NULL, "DELETE /x HTTP/1.1" },
	{ "GET", "http://127.0.0.1:{http}/loop", 5, false, 0,
	  "more than 5 redirects", "GET /loop" },
	{ "GET", "http://127.0.0.1:{http}/to?url=http://127.0.0.1:{other}/x",
	  1, false, 200, NULL, "GET /x HTTP/1.1" },
	{ "GET", "http://127.0.0.1:{http}/to?url=http://127.0.0.1:{other}/x",
	  1, true, 0, "its own origin", "GET /to" },
	{ "GET", "http://127.0.0.1:{http}/to?url=http://localhost:{http}/x",
	  1, true, 0, "its own origin", "GET /to" },
	{ "GET", "http://127.0.0.1:{http}/to?url=https://127.0.0.1:{http}/x",
	  1, true, 0, "its own origin", "GET /to" },
	{ "GET", "http://127.0.0.1:{http}/to?url=//127.0.0.1:{other}/x",
	  1, true, 0, "its own origin", "GET /to" },
	{ "GET", "https://localhost:{good}/to?url=http://127.0.0.1:{http}/x",
	  1, false, 0, "from https to http", "GET /to" },
	{ "GET", "http://127.0.0.1:{http}/to?url=file:///etc/passwd", 1,
	  false, 0, "only http", "GET /to" },
	{ "GET", "http://127.0.0.1:{http}/to?url=http://a:b@127.0.0.1:{http}/x"
	  , 1, false, 0, "user", "GET /to" },
	{ "GET", "http://127.0.0.1:{http}/to?url=https://localhost:{own}/x", 1,
	  false, 0, NULL, "GET /to" },
	/* limits */
	{ "GET", "http://127.0.0.1:{http}/big", 0, false, 0,
	  "larger than 64 MiB", "GET /big" },
	{ "GET", "http://127.0.0.1:{http}/headers", 0, false, 0,
	  "larger than 256 KiB", "GET /headers" },
	{ "POST", "http://127.0.0.1:{http}/vanish", 0, false, 0, "mpty reply",
	  "POST /vanish" },
	{ "GET", "http://127.0.0.1:1/x", 0, false, 0, "onnect", NULL },
	{ "GET", "http://127.0.0.1:{http}/a%2F..%2Fb?c=%20", 0, false, 200,
	  NULL, "GET /a%2F..%2Fb?c=%20 HTTP/1.1" },
};

static struct httpd *
of(void **state)
{
	return *state;
}

static int
count_sent(void *ctx)
{
	++*(int *)ctx;
	return 0;
}

static void
check(const struct httpd *h, const struct row *row)
{
	const struct httpc_header header = { (char *)(uintptr_t)"X-Auth-Key",
	    (char *)(uintptr_t)"hunter22" };
	char *url = httpd_expand(h, row->url), *log;
	struct httpc_response rs;
	struct err err = ERR_INIT;
	int sent = 0, result;
	struct httpc_request rq = {
		.method = row->method, .url = url, .headers = &header,
		.n_headers = 1, .body = strcmp(row->method, "POST") == 0 ?
		    "body" : NULL, .body_len = 4, .follow = row->follow,
		.secret = row->secret, .ca = h->ca, .sent = count_sent,
		.ctx = &sent,
	};

	result = httpc_ask(&rq, &rs, &err);
	log = httpd_log(h);
	if (row->error == NULL ? result != 0 || rs.status != row->status :
	    result == 0 || strstr(err.text, row->error) == NULL)
		fail_msg("%s: %ld, %s", url, rs.status, err.set ? err.text :
		    "no error");
	if (row->asked == NULL ? log[0] != '\0' :
	    strstr(log, row->asked) == NULL)
		fail_msg("%s: the servers saw %s", url, log);
	if ((row->asked != NULL) != (sent > 0))
		fail_msg("%s: sent %d times", url, sent);
	if (row->secret && strstr(log, "\"other\"") != NULL)
		fail_msg("%s: the secret left its origin: %s", url, log);
	if (row->error == NULL && row->status == 0)
		assert_false(rs.verified || !rs.tls || rs.why == NULL);
	httpc_free(&rs);
	err_free(&err);
	free(log);
	free(url);
}

static void
test_rows(void **state)
{
	size_t i;

	/* nothing of this counts */
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	setenv("https_proxy", "http://127.0.0.1:1/", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
	for (i = 0; i < COUNT(rows); i++)
		check(of(state), &rows[i]);
}

static void
test_answer(void **state)
{
	struct httpd *h = of(state);
	char *url = httpd_expand(h, "https://localhost:{good}/twice");
	struct httpc_request rq = { .method = "GET", .url = url,
	    .ca = h->ca };
	struct httpc_response rs;
	struct err err = ERR_INIT;
	size_t i, seen = 0;

	assert_int_equal(httpc_ask(&rq, &rs, &err), 0);
	assert_true(rs.tls && rs.verified);
	assert_int_equal(rs.names.n, 2);
	assert_string_equal(rs.names.v[0], "localhost");
	assert_string_equal(rs.names.v[1], "127.0.0.1");
	assert_int_equal(rs.not_after / NSEC_PER_SEC, 4102444799);
	for (i = 0; i < rs.headers.n; i++)
		seen += strcmp(rs.headers.v[i].name, "x-one") == 0;
	assert_int_equal(seen, 2);
	httpc_free(&rs);
	free(url);
	free(httpd_log(h));
}

static void
test_connect_to(void **state)
{
	static const struct { const char *url, *to, *error, *server; } to[] = {
		{ "http://new.example.org/x", "127.0.0.1:{http}", NULL,
		  "\"http\"" },
		{ "http://new.example.org:{http}/x", "127.0.0.1", NULL,
		  "\"http\"" },
		{ "https://localhost/x", "127.0.0.1:{good}", NULL, "\"good\"" },
		/* a redirect elsewhere is not asked there */
		{ "http://new.example.org/to?url=http://127.0.0.1:{other}/x",
		  "127.0.0.1:{http}", NULL, "\"other\"" },
		{ "http://new.example.org/x", "127.0.0.1:{http}:1",
		  "no address", NULL },
		{ "http://new.example.org/x", "a b", "no address", NULL },
	};
	struct httpd *h = of(state);
	size_t i;

	for (i = 0; i < COUNT(to); i++) {
		char *url = httpd_expand(h, to[i].url), *log;
		char *address = httpd_expand(h, to[i].to);
		struct httpc_request rq = { .method = "GET", .url = url,
		    .connect_to = address, .ca = h->ca, .follow = 1 };
		struct httpc_response rs;
		struct err err = ERR_INIT;

		if ((httpc_ask(&rq, &rs, &err) == 0) != (to[i].error == NULL))
			fail_msg("%s: %s", url, err.set ? err.text : "asked");
		log = httpd_log(h);
		if (to[i].server != NULL)
			assert_non_null(strstr(log, to[i].server));
		httpc_free(&rs);
		err_free(&err);
		free(log);
		free(address);
		free(url);
	}
}

static int
never(void *ctx)
{
	(void)ctx;
	return -1;
}

/* When the mark cannot be made nothing leaves. */
static void
test_not_sent(void **state)
{
	struct httpd *h = of(state);
	char *url = httpd_expand(h, "http://127.0.0.1:{http}/x"), *log;
	struct httpc_request rq = { .method = "POST", .url = url,
	    .sent = never };
	struct httpc_response rs;
	struct err err = ERR_INIT;

	assert_int_equal(httpc_ask(&rq, &rs, &err), -1);
	log = httpd_log(h);
	assert_string_equal(log, "");
	httpc_free(&rs);
	err_free(&err);
	free(log);
	free(url);
}

static void
test_body_headers(void **state)
{
	struct httpd *h = of(state);
	char *url = httpd_expand(h, "http://127.0.0.1:{http}/echo"), *log;
	struct httpc_request rq = { .method = "PUT", .url = url,
	    .body = "a\0b", .body_len = 3, .user_password = "u:p w" };
	struct httpc_response rs;
	struct err err = ERR_INIT;

	assert_int_equal(httpc_ask(&rq, &rs, &err), 0);
	assert_int_equal(rs.body.len, 3);
	assert_memory_equal(rs.body.data, "a\0b", 3);
	log = httpd_log(h);
	assert_non_null(strstr(log, "\"authorization\": \"Basic dTpwIHc=\""));
	assert_null(strstr(log, "content-type"));
	assert_null(strstr(log, "expect"));
	assert_null(strstr(log, "cookie"));
	httpc_free(&rs);
	free(log);
	free(url);
}

static void
test_words(void **state)
{
	static const struct { const char *s; bool yes; } authorities[] = {
		{ "a", true }, { "a.b-c.example", true }, { "a:80", true },
		{ "127.0.0.1:8080", true }, { "[::1]", true },
		{ "[::1]:443", true }, { "a_b", true },
		{ "", false }, { "a:", false }, { ":80", false },
		{ "a:0", false }, { "a:65536", false }, { "a:-1", false },
		{ "a:80x", false }, { "a/b", false }, { "a@b", false },
		{ "a?b", false }, { "a#b", false }, { "a\\b", false },
		{ "a b", false }, { "a\n", false }, { "-a", false },
		{ "a..b", false }, { ".a", false }, { "[::1", false },
		{ "::1", false }, { "[x]", false }, { "a:80:90", false },
		{ "a%2e", false }, { "\xc3\xa4", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(authorities); i++)
		if (httpc_is_authority(authorities[i].s,
		    strlen(authorities[i].s)) != authorities[i].yes)
			fail_msg("'%s'", authorities[i].s);
	assert_true(httpc_is_token("X-Auth_1", 8));
	assert_false(httpc_is_token("", 0));
	assert_false(httpc_is_token("a:b", 3));
	assert_false(httpc_is_token("a\r\nb", 4));
	assert_false(httpc_is_token("a\0b", 3));
}

static struct httpd server;

static int
start(void **state)
{
	httpd_start(&server);
	*state = &server;
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
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_connect_to),
		cmocka_unit_test(test_not_sent),
		cmocka_unit_test(test_body_headers),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
