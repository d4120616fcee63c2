/* What a server's certificate says about itself. */
#ifndef CAIRN_CLIENT_CERTIFICATE_H
#define CAIRN_CLIENT_CERTIFICATE_H

struct curl_slist;
struct httpc_response;

/* Fills `not_after` and `names` from libcurl's account of a certificate. */
void certificate_read(struct httpc_response *rs,
    const struct curl_slist *account);

#endif
