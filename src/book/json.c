#include "book/json.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "book/base64.h"

static json_t *checked(json_t *json)
{
	if (!json)
		BUG("a value that JSON cannot hold");
	return json;
}

static json_t *tagged(const char *tag, json_t *value)
{
	json_t *object = checked(json_object());

	if (json_object_set_new_nocheck(object, tag, checked(value)) < 0)
		BUG("no memory for JSON");
	return object;
}

static json_t *record_string(const char *s, size_t n)
{
	struct buf text = BUF_INIT(SIZE_MAX / 4);
	json_t *json;

	if (utf8_valid(s, n))
		return checked(json_stringn_nocheck(s, n));
	base64_add(&text, s, n);
	json = tagged("~bytes", json_stringn_nocheck(text.data, text.len));
	buf_free(&text);
	return json;
}

static json_t *record_list(struct value v)
{
	json_t *array = checked(json_array());
	size_t i;

	for (i = 0; i < v.u.list.n; i++)
		json_array_append_new(array,
		    value_to_record(v.u.list.items[i]));
	return array;
}

/* A map whose keys JSON cannot hold. */
static json_t *record_pairs(struct value v)
{
	json_t *pairs = checked(json_array()), *pair;
	const struct value_entry *e;
	size_t i;

	for (i = 0; i < v.u.map.n; i++) {
		e = &v.u.map.entries[i];
		pair = checked(json_array());
		json_array_append_new(pair, record_string(e->key, e->key_len));
		json_array_append_new(pair, value_to_record(e->value));
		json_array_append_new(pairs, pair);
	}
	return tagged("~map", pairs);
}

static void set(json_t *object, const char *key, size_t n, json_t *value)
{
	if (json_object_setn_new_nocheck(object, key, n, checked(value)) < 0)
		BUG("no memory for JSON");
}

static json_t *record_map(struct value v)
{
	json_t *object;
	const struct value_entry *e;
	size_t i;
	char *key;

	for (i = 0; i < v.u.map.n; i++) {
		e = &v.u.map.entries[i];
		if (!utf8_valid(e->key, e->key_len) ||
		    memchr(e->key, '\0', e->key_len))
			return record_pairs(v);
	}
	object = checked(json_object());
	for (i = 0; i < v.u.map.n; i++) {
		e = &v.u.map.entries[i];
		key = xasprintf("%s%s", e->key[0] == '~' ? "~" : "", e->key);
		set(object, key, strlen(key), value_to_record(e->value));
		free(key);
	}
	return object;
}

json_t *value_to_record(struct value v)
{
	if (v.flags & VALUE_SECRET)
		BUG("a secret on its way into a record");
	switch (v.type) {
	case VALUE_NULL: return checked(json_null());
	case VALUE_BOOL: return checked(json_boolean(v.u.boolean));
	case VALUE_INT: return checked(json_integer(v.u.integer));
	case VALUE_REAL: return checked(json_real(v.u.real));
	case VALUE_STRING: return record_string(v.u.string.p, v.u.string.n);
	case VALUE_DURATION:
		return tagged("~duration", json_integer(v.u.integer));
	case VALUE_SIZE: return tagged("~size", json_integer(v.u.integer));
	case VALUE_TIME: return tagged("~time", json_integer(v.u.integer));
	case VALUE_LIST: return record_list(v);
	case VALUE_MAP: return record_map(v);
	case VALUE_UNKNOWN: break;
	}
	BUG("an unknown value on its way into a record");
}

static struct value from_bytes(struct arena *a, const json_t *json)
{
	struct buf bytes = BUF_INIT(LIMIT_RECORD);
	struct value v;

	base64_read(&bytes, json_string_value(json), json_string_length(json));
	v = value_string(a, bytes.data, bytes.len);
	buf_free(&bytes);
	return v;
}

static struct value from_pairs(struct arena *a, const json_t *pairs)
{
	struct value_map m = { .arena = a };
	struct value key;
	size_t i;
	json_t *pair;

	json_array_foreach((json_t *)pairs, i, pair) {
		key = value_from_record(a, json_array_get(pair, 0));
		if (key.type == VALUE_STRING)
			value_map_put(&m, key.u.string.p, key.u.string.n,
			    value_from_record(a, json_array_get(pair, 1)));
	}
	return value_map_done(&m);
}

/* {"~tag": ...}: false when it is an ordinary map. */
static bool from_tagged(struct arena *a, const json_t *json, struct value *out)
{
	static const struct {
		const char *tag;
		enum value_type type;
	} tags[] = {
		{ "~duration", VALUE_DURATION }, { "~size", VALUE_SIZE },
		{ "~time", VALUE_TIME },
	};
	const json_t *value;
	size_t i;

	if (json_object_size(json) != 1)
		return false;
	for (i = 0; i < sizeof tags / sizeof *tags; i++) {
		value = json_object_get(json, tags[i].tag);
		if (json_is_integer(value)) {
			*out = value_of(tags[i].type,
			    json_integer_value(value));
			return true;
		}
	}
	value = json_object_get(json, "~bytes");
	if (json_is_string(value)) {
		*out = from_bytes(a, value);
		return true;
	}
	value = json_object_get(json, "~map");
	if (json_is_array(value)) {
		*out = from_pairs(a, value);
		return true;
	}
	return false;
}

enum origin { FROM_RECORD, FROM_OTHERS };

static struct value of_json(struct arena *a, const json_t *json,
    enum origin origin);

static struct value list_of_json(struct arena *a, const json_t *json,
    enum origin origin)
{
	struct value_list l = { .arena = a };
	size_t i;
	json_t *item;

	json_array_foreach((json_t *)json, i, item)
		value_list_add(&l, of_json(a, item, origin));
	return value_list_done(&l);
}

static struct value map_of_json(struct arena *a, const json_t *json,
    enum origin origin)
{
	struct value_map m = { .arena = a };
	struct value tagged_value;
	size_t len, skip;
	const char *key;
	json_t *item;

	if (origin == FROM_RECORD && from_tagged(a, json, &tagged_value))
		return tagged_value;
	json_object_keylen_foreach((json_t *)json, key, len, item) {
		skip = origin == FROM_RECORD && len > 1 && key[0] == '~' &&
		    key[1] == '~';
		value_map_put(&m, key + skip, len - skip,
		    of_json(a, item, origin));
	}
	return value_map_done(&m);
}

static struct value of_json(struct arena *a, const json_t *json,
    enum origin origin)
{
	switch (json ? json_typeof(json) : JSON_NULL) {
	case JSON_OBJECT: return map_of_json(a, json, origin);
	case JSON_ARRAY: return list_of_json(a, json, origin);
	case JSON_STRING:
		return value_string(a, json_string_value(json),
		    json_string_length(json));
	case JSON_INTEGER: return value_int(json_integer_value(json));
	case JSON_REAL: return value_real(json_real_value(json));
	case JSON_TRUE: return value_bool(true);
	case JSON_FALSE: return value_bool(false);
	case JSON_NULL: break;
	}
	return value_null();
}

struct value value_from_record(struct arena *a, const json_t *json)
{
	return of_json(a, json, FROM_RECORD);
}

struct value value_of_json(struct arena *a, const json_t *json)
{
	return of_json(a, json, FROM_OTHERS);
}

json_t *value_to_json(struct value v)
{
	struct buf text = BUF_INIT(SIZE_MAX / 4);
	json_error_t why;
	json_t *json;

	value_json(&text, v);
	json = json_loadb(text.data, text.len,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	buf_free(&text);
	return checked(json);
}
