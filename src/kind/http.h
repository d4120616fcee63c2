/* The http kind: what is written, its request, its worker. */
#ifndef CAIRN_KIND_HTTP_H
#define CAIRN_KIND_HTTP_H

#include "kind/json_body.h"
#include "kind/kind.h"

/* Printed at the last moment before the request can leave. */
#define HTTP_SENT "{\"sent\":true}\n"

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

/* The URL, and by which method: the first one that is there. */
const struct text *http_url(const struct http *h, const char **method);
/* The request, with the values of its texts. */
int http_make(const struct kind_call *call, struct kind_job *job,
    struct err *err);

/* Request, a map: method url headers [{name value}] body user_password
 * connect_to follow secret effect ca; what is not there is null. Result:
 * status headers body tls, or error. */
int http_worker(const char *request, size_t n);

#endif
