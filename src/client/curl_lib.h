/* libcurl(3), loaded by the process that asks something over HTTP.
 *
 * It brings some twenty libraries along (LDAP, Kerberos, …), and the dynamic
 * loader would spend more time on them than a one-step run takes: nothing but
 * a worker ever needs them. */
#ifndef CAIRN_CLIENT_CURL_LIB_H
#define CAIRN_CLIENT_CURL_LIB_H

/* its macros that check types would stand in the way of the table */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

struct err;

/* Each function that is used. */
#define CURL_LIB_FUNCTIONS(F) \
	F(curl_easy_init) F(curl_easy_setopt) F(curl_easy_perform) \
	F(curl_easy_getinfo) F(curl_easy_cleanup) F(curl_easy_strerror) \
	F(curl_slist_append) F(curl_slist_free_all) F(curl_free) \
	F(curl_url) F(curl_url_set) F(curl_url_get) F(curl_url_cleanup) \
	F(curl_url_strerror)

#define CURL_LIB_MEMBER(name) __typeof__(name) *name;
struct curl_lib {
	CURL_LIB_FUNCTIONS(CURL_LIB_MEMBER)
};
#undef CURL_LIB_MEMBER

/* Fills *out; the library stays loaded until the process ends. -1: it is not
 * installed or lacks a function. */
int curl_lib_load(struct curl_lib *out, struct err *err);

#endif
