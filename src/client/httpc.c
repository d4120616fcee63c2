#include "client/httpc.h"

#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "client/certificate.h"
#include "client/curl_lib.h"

#define CONNECT_TIMEOUT 30L

/* ---- words of a request */

static bool
is_port(const char *s, size_t n)
{
	int64_t port;

	return n > 0 && isdigit((unsigned char)s[0]) &&
	    parse_int(s, n, &port) == 0 && port > 0 && port < 65536;
}

static size_t
address_length(const char *s, size_t n)
{
	size_t i = 0;

	if (n > 0 && s[0] == '[') {
		for (i = 1; i < n && (isxdigit((unsigned char)s[i]) ||
		    s[i] == ':' || s[i] == '.'); i++)
			;
		return i > 2 && i < n && s[i] == ']' ? i + 1 : 0;
	}
	while (i < n && (isalnum((unsigned char)s[i]) || s[i] == '-' ||
	    s[i] == '.' || s[i] == '_'))
		i++;
	return i > 0 && i <= 253 && s[0] != '-' && s[0] != '.' &&
	    memmem(s, i, "..", 2) == NULL ? i : 0;
}

bool
httpc_is_authority(const char *s, size_t n)
{
	size_t len = address_length(s, n);

	if (len == 0)
		return false;
	return len == n || (s[len] == ':' && is_port(s + len + 1,
	    n - len - 1));
}

bool
httpc_is_token(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) &&
		    (s[i] == '\0' || strchr("!#$%&'*+-.^_`|~", s[i]) == NULL))
			return false;
	return n > 0;
}

static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

static int
check_request(const struct httpc_request *rq, struct err *err)
{
	size_t i;

	if (!httpc_is_token(rq->method, strlen(rq->method)))
		return err_set(err, "this is no method");
	if (has_control(rq->url))
		return err_set(err, "the URL holds a control character");
	for (i = 0; i < rq->n_headers; i++)
		if (!httpc_is_token(rq->headers[i].name,
		    strlen(rq->headers[i].name)) ||
		    has_control(rq->headers[i].value))
			return err_set(err, "the header %s holds a control "
			    "character", rq->headers[i].name);
	if (rq->connect_to != NULL && !httpc_is_authority(rq->connect_to,
	    strlen(rq->connect_to)))
		return err_set(err, "`connect_to` is no address");
	return 0;
}

/* ---- where a URL leads */

struct origin {
	char *scheme, *host, *port;
};

static void
origin_free(const struct curl_lib *c, struct origin *o)
{
	c->curl_free(o->scheme);
	c->curl_free(o->host);
	c->curl_free(o->port);
	memset(o, 0, sizeof *o);
}

static int
read_origin(const struct curl_lib *c, CURLU *u, struct origin *out,
    struct err *err)
{
	CURLUcode rc = c->curl_url_get(u, CURLUPART_SCHEME, &out->scheme,
	    0);

	if (rc == CURLUE_OK && strcmp(out->scheme, "http") != 0 &&
	    strcmp(out->scheme, "https") != 0)
		return err_set(err, "only http and https are asked, not %s",
		    out->scheme);
	if (rc == CURLUE_OK)
		rc = c->curl_url_get(u, CURLUPART_HOST, &out->host, 0);
	if (rc == CURLUE_OK)
		rc = c->curl_url_get(u, CURLUPART_PORT, &out->port,
		    CURLU_DEFAULT_PORT);
	return rc == CURLUE_OK ? 0 : err_set(err, "this is no URL: %s",
	    c->curl_url_strerror(rc));
}

static int
origin_of(const struct curl_lib *c, const char *url, struct origin *out,
    struct err *err)
{
	CURLU *u = c->curl_url();
	CURLUcode rc = c->curl_url_set(u, CURLUPART_URL, url,
	    CURLU_DISALLOW_USER | CURLU_PATH_AS_IS);
	int result = -1;

	if (rc == CURLUE_USER_NOT_ALLOWED)
		err_set(err, "a URL may hold no user and password");
	else if (rc == CURLUE_UNSUPPORTED_SCHEME)
		err_set(err, "only http and https are asked");
	else if (rc != CURLUE_OK)
		err_set(err, "this is no URL: %s", c->curl_url_strerror(rc));
	else
		result = read_origin(c, u, out, err);
	c->curl_url_cleanup(u);
	return result;
}

static bool
same_origin(const struct origin *a, const struct origin *b)
{
	return strcmp(a->scheme, b->scheme) == 0 &&
	    strcasecmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
}

/* ---- one exchange */

struct exchange {
	const struct curl_lib *c;
	const struct httpc_request *rq;
	struct httpc_response *rs;
	CURL *curl;
	struct curl_slist *headers, *connect;
	size_t header_bytes;
	bool too_many_headers;
	char message[CURL_ERROR_SIZE];
};

static void
forget_headers(struct httpc_response *rs)
{
	size_t i;

	for (i = 0; i < rs->headers.n; i++) {
		free(rs->headers.v[i].name);
		free(rs->headers.v[i].value);
	}
	vec_free(&rs->headers);
}

static void
add_header(struct httpc_response *rs, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);
	struct httpc_header h;
	size_t name, from, i;

	if (colon == NULL)
		return;
	name = (size_t)(colon - line);
	from = name + 1;
	while (from < n && (line[from] == ' ' || line[from] == '\t'))
		from++;
	while (n > from && strchr(" \t\r\n", line[n - 1]) != NULL)
		n--;
	h.name = xstrndup(line, name);
	h.value = xstrndup(line + from, n - from);
	for (i = 0; i < name; i++)
		h.name[i] = (char)tolower((unsigned char)h.name[i]);
	vec_push(&rs->headers, h);
}

static size_t
take_header(char *line, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;

	(void)size;
	x->header_bytes += n;
	if (x->header_bytes > LIMIT_HTTP_HEADERS) {
		x->too_many_headers = true;
		return 0;
	}
	/* after an interim answer (100, 103) they begin anew */
	if (n > 5 && memcmp(line, "HTTP/", 5) == 0)
		forget_headers(x->rs);
	else
		add_header(x->rs, line, n);
	return n;
}

static size_t
take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;

	(void)size;
	buf_add(&x->rs->body, p, n);
	return x->rs->body.cut ? 0 : n;
}

static int
before_request(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
	struct exchange *x = ctx;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	if (x->rq->sent != NULL && x->rq->sent(x->rq->ctx) != 0)
		return CURL_PREREQFUNC_ABORT;
	return CURL_PREREQFUNC_OK;
}

/* libcurl takes options by their names' types: a wrong one is our bug. */
#define SET(x, option, value) do { \
	if ((x)->c->curl_easy_setopt((x)->curl, (option), (value)) != \
	    CURLE_OK) \
		BUG("%s", #option); \
} while (0)

/* Nothing from the environment, http only, and all of it verified. */
static void
set_policy(struct exchange *x)
{
	SET(x, CURLOPT_PROXY, "");
	SET(x, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(x, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(x, CURLOPT_FOLLOWLOCATION, 0L);
	SET(x, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(x, CURLOPT_PATH_AS_IS, 1L);
	SET(x, CURLOPT_FRESH_CONNECT, 1L);
	SET(x, CURLOPT_FORBID_REUSE, 1L);
	SET(x, CURLOPT_NOSIGNAL, 1L);
	SET(x, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT);
	SET(x, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(x, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(x, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(x, CURLOPT_CERTINFO, 1L);
	SET(x, CURLOPT_USERAGENT, "cairn");
}

static void
set_ca(struct exchange *x)
{
	struct curl_blob blob;

	if (x->rq->ca == NULL)
		return;
	/* libcurl reads the PEM, it does not write to it */
	memcpy(&blob.data, &x->rq->ca, sizeof blob.data);
	blob.len = strlen(x->rq->ca);
	blob.flags = CURL_BLOB_COPY;
	SET(x, CURLOPT_CAINFO_BLOB, &blob);
	SET(x, CURLOPT_CAPATH, NULL);
}

static void
set_headers(struct exchange *x, bool has_body)
{
	bool typed = false;
	size_t i;

	for (i = 0; i < x->rq->n_headers; i++) {
		const struct httpc_header *h = &x->rq->headers[i];
		bool about_body = strncasecmp(h->name, "content-", 8) == 0;
		char *line;

		typed |= strcasecmp(h->name, "content-type") == 0;
		if (about_body && !has_body)
			continue;
		line = h->value[0] == '\0' ? xasprintf("%s;", h->name) :
		    xasprintf("%s: %s", h->name, h->value);
		x->headers = x->c->curl_slist_append(x->headers, line);
		free(line);
	}
	/* libcurl would call every body a form, and wait a second before a
	 * large one */
	if (!typed)
		x->headers = x->c->curl_slist_append(x->headers, "Content-Type:");
	x->headers = x->c->curl_slist_append(x->headers, "Expect:");
	SET(x, CURLOPT_HTTPHEADER, x->headers);
}

static void
set_request(struct exchange *x, const char *method, const char *url)
{
	const struct httpc_request *rq = x->rq;
	bool wants_body = strcmp(method, "POST") == 0 ||
	    strcmp(method, "PUT") == 0;
	bool has_body = strcmp(method, rq->method) == 0 &&
	    (rq->body != NULL || wants_body);

	SET(x, CURLOPT_URL, url);
	if (has_body) {
		SET(x, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)(rq->body == NULL ? 0 : rq->body_len));
		SET(x, CURLOPT_POSTFIELDS, rq->body == NULL ? "" : rq->body);
	}
	SET(x, CURLOPT_CUSTOMREQUEST, method);
	set_headers(x, has_body);
	if (rq->user_password != NULL) {
		SET(x, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(x, CURLOPT_USERPWD, rq->user_password);
	}
}

/* Only for the origin that the book names: set anew for each exchange. */
static void
set_connect_to(struct exchange *x)
{
	char *entry = xasprintf("::%s%s", x->rq->connect_to,
	    x->rq->connect_to[address_length(x->rq->connect_to,
	    strlen(x->rq->connect_to))] == ':' ? "" : ":");

	x->connect = x->c->curl_slist_append(NULL, entry);
	SET(x, CURLOPT_CONNECT_TO, x->connect);
	free(entry);
}

static void
set_callbacks(struct exchange *x)
{
	SET(x, CURLOPT_ERRORBUFFER, x->message);
	SET(x, CURLOPT_HEADERFUNCTION, take_header);
	SET(x, CURLOPT_HEADERDATA, x);
	SET(x, CURLOPT_WRITEFUNCTION, take_body);
	SET(x, CURLOPT_WRITEDATA, x);
	SET(x, CURLOPT_PREREQFUNCTION, before_request);
	SET(x, CURLOPT_PREREQDATA, x);
}

static int
explain(const struct exchange *x, CURLcode rc, struct err *err)
{
	if (x->rs->body.cut)
		return err_set(err, "the body of the answer is larger than "
		    "%zu MiB", LIMIT_HTTP_BODY / MIB);
	if (x->too_many_headers)
		return err_set(err, "the headers of the answer are larger "
		    "than %zu KiB", LIMIT_HTTP_HEADERS / KIB);
	return err_set(err, "%s", x->message[0] != '\0' ? x->message :
	    x->c->curl_easy_strerror(rc));
}

static int
judge(struct exchange *x, CURLcode rc, bool tls, struct err *err)
{
	struct httpc_response *rs = x->rs;
	struct curl_certinfo *info = NULL;

	rs->tls = tls;
	if (tls && rc == CURLE_PEER_FAILED_VERIFICATION) {
		rs->status = 0;
		rs->why = xstrdup(x->message[0] != '\0' ? x->message :
		    x->c->curl_easy_strerror(rc));
		return 0;
	}
	if (rc != CURLE_OK)
		return explain(x, rc, err);
	x->c->curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &rs->status);
	rs->verified = tls;
	if (tls && x->c->curl_easy_getinfo(x->curl, CURLINFO_CERTINFO, &info) ==
	    CURLE_OK && info != NULL && info->num_of_certs > 0)
		certificate_read(rs, info->certinfo[0]);
	return 0;
}

static void
forget(struct httpc_response *rs)
{
	httpc_free(rs);
	buf_init(&rs->body, LIMIT_HTTP_BODY);
}

/* Asks once. *next: where the answer sends us, to be freed, or NULL. */
static int
exchange(const struct curl_lib *c, const struct httpc_request *rq,
    const char *method, const char *url, bool own_origin,
    struct httpc_response *rs, char **next, struct err *err)
{
	struct exchange x = {
		.c = c, .rq = rq, .rs = rs, .curl = c->curl_easy_init(),
	};
	char *to = NULL;
	int result;

	if (x.curl == NULL)
		BUG("no memory for libcurl");
	forget(rs);
	set_policy(&x);
	set_ca(&x);
	set_request(&x, method, url);
	if (rq->connect_to != NULL && own_origin)
		set_connect_to(&x);
	set_callbacks(&x);
	result = judge(&x, c->curl_easy_perform(x.curl),
	    strncasecmp(url, "https:", 6) == 0, err);
	c->curl_easy_getinfo(x.curl, CURLINFO_REDIRECT_URL, &to);
	*next = result == 0 && to != NULL ? xstrdup(to) : NULL;
	c->curl_easy_cleanup(x.curl);
	c->curl_slist_free_all(x.headers);
	c->curl_slist_free_all(x.connect);
	return result;
}

/* ---- redirects */

static bool
carries_secret(const struct httpc_request *rq)
{
	return rq->secret || rq->user_password != NULL;
}

static int
may_follow(const struct curl_lib *c, const struct httpc_request *rq,
    const struct origin *from, const char *to, bool *own_origin,
    struct err *err)
{
	struct origin o = { 0 };
	int result = origin_of(c, to, &o, err);

	if (result != 0) {
		err_wrap(err, "the answer is a redirect");
	} else if (!same_origin(from, &o)) {
		*own_origin = false;
		if (carries_secret(rq))
			result = err_set(err, "the answer is a redirect to "
			    "%s://%s:%s, and a request that carries a secret "
			    "goes only to its own origin", o.scheme, o.host,
			    o.port);
		else if (strcmp(from->scheme, "https") == 0 &&
		    strcmp(o.scheme, "http") == 0)
			result = err_set(err, "the answer is a redirect from "
			    "https to http");
	}
	origin_free(c, &o);
	return result;
}

static const char *
next_method(const char *method, long status)
{
	if (status == 303 || ((status == 301 || status == 302) &&
	    strcmp(method, "POST") == 0))
		return "GET";
	return method;
}

static int
ask(const struct curl_lib *c, const struct httpc_request *rq,
    struct httpc_response *rs, const struct origin *first, struct err *err)
{
	const char *method = rq->method;
	char *url = xstrdup(rq->url), *next = NULL;
	bool own_origin = true;
	int hops = 0, result;

	while ((result = exchange(c, rq, method, url, own_origin, rs,
	    &next, err)) == 0 && next != NULL && rq->follow > 0) {
		struct origin here = { 0 };

		if (hops++ == rq->follow)
			result = err_set(err, "more than %d redirects",
			    rq->follow);
		else if ((result = origin_of(c, url, &here, err)) == 0)
			result = may_follow(c, rq, carries_secret(rq) ? first :
			    &here, next, &own_origin, err);
		origin_free(c, &here);
		if (result != 0)
			break;
		method = next_method(method, rs->status);
		free(url);
		url = next;
		next = NULL;
	}
	free(next);
	free(url);
	return result;
}

int
httpc_ask(const struct httpc_request *rq, struct httpc_response *rs,
    struct err *err)
{
	struct origin first = { 0 };
	struct curl_lib c;
	int result = -1;

	memset(rs, 0, sizeof *rs);
	buf_init(&rs->body, LIMIT_HTTP_BODY);
	if (check_request(rq, err) != 0 || curl_lib_load(&c, err) != 0)
		return -1;
	if (origin_of(&c, rq->url, &first, err) == 0)
		result = ask(&c, rq, rs, &first, err);
	origin_free(&c, &first);
	return result;
}

void
httpc_free(struct httpc_response *rs)
{
	size_t i;

	forget_headers(rs);
	buf_free(&rs->body);
	for (i = 0; i < rs->names.n; i++)
		free(rs->names.v[i]);
	vec_free(&rs->names);
	free(rs->why);
	memset(rs, 0, sizeof *rs);
	buf_init(&rs->body, LIMIT_HTTP_BODY);
}
