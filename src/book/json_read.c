#include "book/json.h"

#include "base/err.h"
#include "base/limits.h"

/* A short text can stand for much memory ("[[],[],[]…"), so its values are
 * counted before jansson makes them. */
#define VALUES_MAX (LIMIT_JSON / sizeof(struct value))

static size_t skip_string(const char *s, size_t n, size_t at)
{
	for (at++; at < n && s[at] != '"'; at++) {
		if (s[at] == '\\')
			at++;
	}
	return at;
}

static int check_size(const char *s, size_t n, struct err *err)
{
	size_t at, depth = 0, values = 1;

	if (n > LIMIT_JSON)
		return err_set(err, "the JSON text has %zu MiB; at most "
		    "%zu MiB are read", n / MIB, LIMIT_JSON / MIB);
	for (at = 0; at < n; at++) {
		if (s[at] == '"')
			at = skip_string(s, n, at);
		else if (s[at] == '[' || s[at] == '{')
			depth++, values++;
		else if (s[at] == ']' || s[at] == '}')
			depth -= depth > 0;
		else if (s[at] == ',')
			values++;
		if (depth > LIMIT_JSON_DEPTH)
			return err_set(err, "the JSON text is nested deeper "
			    "than %d levels", LIMIT_JSON_DEPTH);
	}
	if (values > VALUES_MAX)
		return err_set(err, "the JSON text holds more than %zu values",
		    VALUES_MAX);
	return 0;
}

static const char *reason(const json_error_t *why)
{
	switch (json_error_code(why)) {
	case json_error_premature_end_of_input: return "it breaks off";
	case json_error_end_of_input_expected:
		return "something stands behind its end";
	case json_error_invalid_utf8: return "it is no UTF-8";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "it holds a NUL character";
	case json_error_duplicate_key: return "a key stands there twice";
	case json_error_numeric_overflow: return "a number is too large";
	default: return "it is no JSON";
	}
}

int value_from_json(struct arena *a, const char *s, size_t n,
    struct value *out, struct err *err)
{
	json_error_t why;
	json_t *json;

	if (check_size(s, n, err) < 0)
		return -1;
	json = json_loadb(s, n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
	    &why);
	if (!json)
		return err_set(err, "the JSON text cannot be read: %s "
		    "(line %d, column %d)", reason(&why), why.line,
		    why.column);
	*out = value_of_json(a, json);
	json_decref(json);
	return 0;
}
