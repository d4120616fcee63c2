#include "kind/worker.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "book/json.h"
#include "job/job.h"

void
worker_put(struct value_map *m, const char *key, struct value v)
{
	value_map_put(m, key, strlen(key), v);
}

struct value
worker_member(struct value map, const char *key)
{
	const struct value *v = map.type != VALUE_MAP ? NULL :
	    value_member(map, key, strlen(key));

	return v == NULL ? value_null() : *v;
}

const char *
worker_maybe(struct value map, const char *key)
{
	struct value v = worker_member(map, key);

	return v.type == VALUE_STRING ? v.u.string.p : NULL;
}

const char *
worker_text(struct value map, const char *key)
{
	const char *s = worker_maybe(map, key);

	return s == NULL ? "" : s;
}

int64_t
worker_int(struct value map, const char *key)
{
	struct value v = worker_member(map, key);

	return v.type == VALUE_INT ? v.u.integer : 0;
}

bool
worker_flag(struct value map, const char *key)
{
	struct value v = worker_member(map, key);

	return v.type == VALUE_BOOL && v.u.boolean;
}

void
worker_send(struct arena *a, struct value map, struct job_spec *spec)
{
	json_t *json = value_to_record(map);
	char *text = json_dumps(json, JSON_COMPACT);

	if (text == NULL)
		BUG("a request that JSON cannot hold");
	spec->request_len = strlen(text);
	spec->request = arena_strndup(a, text, spec->request_len);
	free(text);
	json_decref(json);
}

int
worker_request(struct arena *a, const char *s, size_t n, struct value *out,
    struct err *err)
{
	json_t *json = json_loadb(s, n, JSON_REJECT_DUPLICATES |
	    JSON_ALLOW_NUL, NULL);

	if (!json_is_object(json)) {
		json_decref(json);
		return err_set(err, "this is no request");
	}
	*out = value_from_record(a, json);
	json_decref(json);
	return 0;
}

/* ASCII only: it passes through whatever is done to output. */
static int
print(struct value map)
{
	json_t *json = value_to_record(map);
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
	int result = -1;

	if (text != NULL && strlen(text) < LIMIT_WORKER_RESULT)
		result = write_all(STDOUT_FILENO, text, strlen(text)) == 0 &&
		    write_all(STDOUT_FILENO, "\n", 1) == 0 ? 0 : -1;
	free(text);
	json_decref(json);
	return result;
}

int
worker_done(struct value map, struct err *err)
{
	if (print(map) == 0)
		return 0;
	err_set(err, "the result cannot be written, or is larger than %zu MiB",
	    LIMIT_WORKER_RESULT / MIB);
	return 1;
}

int
worker_failed(const struct err *err)
{
	struct arena *a = arena_new();
	struct value_map m = { .arena = a };

	worker_put(&m, "error", value_cstring(a, err->text));
	if (err->hint != NULL)
		worker_put(&m, "hint", value_cstring(a, err->hint));
	print(value_map_done(&m));
	arena_free(a);
	return 1;
}
