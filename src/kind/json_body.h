/* The body of a request: text, or a map or list that becomes JSON. */
#ifndef CAIRN_KIND_JSON_BODY_H
#define CAIRN_KIND_JSON_BODY_H

#include "kind/call.h"

struct json_body {
	struct text *text;               /* one of the two, or none */
	struct json_tree *tree;
};

extern const struct field_type field_json_body;      /* struct json_body */

/* The bytes that are sent; null when there is no body. Flags stay: it may be
 * a secret. *json: they are JSON. */
int json_body_eval(const struct kind_call *call, const struct json_body *b,
    struct value *out, bool *json, struct err *err);
/* The same for people: secrets by name. */
void json_body_show(const struct kind_call *call, const struct json_body *b,
    struct buf *out);

#endif
