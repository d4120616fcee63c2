/* The request of the http kind: what is written, and its worker. */
#ifndef CAIRN_KIND_HTTP_H
#define CAIRN_KIND_HTTP_H

#include <stddef.h>

/* Printed at the last moment before the request can leave. */
#define HTTP_SENT "{\"sent\":true}\n"

/* Request, a map: method url headers [{name value}] body user_password
 * connect_to follow secret ca; what is not there is null. Result: status
 * headers body tls, or error. */
int http_worker(const char *request, size_t n);

#endif
