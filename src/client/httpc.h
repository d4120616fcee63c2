/* One HTTP request, as careful as security.md W1-W3 wants it: certificates are
 * always verified, nothing comes from the environment, a request that carries
 * a secret never leaves its origin. Blocking; for workers only. */
#ifndef CAIRN_CLIENT_HTTPC_H
#define CAIRN_CLIENT_HTTPC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"

struct err;

struct httpc_header {
	char *name, *value;
};

struct httpc_request {
	const char *method;          /* GET POST PUT DELETE */
	const char *url;
	const struct httpc_header *headers;
	size_t n_headers;
	const char *user_password;   /* "user:password", or NULL */
	const char *body;            /* or NULL */
	size_t body_len;
	const char *connect_to;      /* address[:port] to be asked, or NULL */
	int follow;                  /* redirects, at most */
	bool secret;                 /* it carries one */
	const char *ca;              /* PEM, or NULL: those of the system */
	/* Called at the last moment before a request can leave; -1: it must
	 * not. NULL: nobody wants to know. */
	int (*sent)(void *ctx);
	void *ctx;
};

struct httpc_response {
	long status;                 /* 0: the certificate was not accepted,
	                                nothing was sent */
	VEC(struct httpc_header) headers;    /* names in lower case */
	struct buf body;
	bool tls;                    /* of the last origin that was asked */
	bool verified;
	char *why;                   /* not verified, because */
	nsec not_after;              /* 0: not known */
	VEC(char *) names;           /* that the certificate is good for */
};

/* 0 also when the certificate was not accepted; -1: no answer, with why. The
 * response is to be freed either way. */
int httpc_ask(const struct httpc_request *rq, struct httpc_response *rs,
    struct err *err);
void httpc_free(struct httpc_response *rs);

/* Is it a host name, an IPv4 address or an [IPv6 address], with ":port" or
 * without? */
bool httpc_is_authority(const char *s, size_t n);
/* A name of a header (RFC 9110, token). */
bool httpc_is_token(const char *s, size_t n);

#endif
