#include "journal/record.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/xalloc.h"

static const char *const type_names[RECORD_TYPES] = {
	[RECORD_RUN] = "run",
	[RECORD_DRIVER] = "driver",
	[RECORD_STEP_START] = "step.start",
	[RECORD_STEP_END] = "step.end",
	[RECORD_STEP_STOP] = "step.stop",
	[RECORD_STEP_SKIP] = "step.skip",
	[RECORD_LOOK] = "look",
	[RECORD_ITEMS] = "items",
	[RECORD_ASK] = "ask",
	[RECORD_PROMPT] = "prompt",
	[RECORD_DECIDE] = "decide",
	[RECORD_VOID] = "void",
	[RECORD_PAUSE] = "pause",
	[RECORD_SLEEP] = "sleep",
	[RECORD_REFUSED] = "refused",
	[RECORD_NOTE] = "note",
	[RECORD_RUN_END] = "run.end",
};

const char *record_type_name(enum record_type type)
{
	return type_names[type];
}

int record_type_parse(const char *s, size_t n)
{
	int i;

	for (i = 0; i < RECORD_TYPES; i++)
		if (strlen(type_names[i]) == n &&
		    memcmp(type_names[i], s, n) == 0)
			return i;
	return -1;
}

/* The scanner of the head: each part moves `p` on or answers false. */
struct scan {
	const char *p, *end;
};

static bool take(struct scan *s, const char *literal)
{
	size_t n = strlen(literal);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, literal, n) != 0)
		return false;
	s->p += n;
	return true;
}

static bool take_number(struct scan *s, uint64_t *out)
{
	const char *start = s->p;
	uint64_t n = 0;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9' &&
	    s->p - start < 18)
		n = n * 10 + (uint64_t)(*s->p++ - '0');
	*out = n;
	return s->p > start && *start != '0';
}

static bool take_digest(struct scan *s, const char **out)
{
	size_t i;

	if (s->end - s->p < DIGEST_HEX)
		return false;
	for (i = 0; i < DIGEST_HEX; i++)
		if (!(s->p[i] >= '0' && s->p[i] <= '9') &&
		    !(s->p[i] >= 'a' && s->p[i] <= 'f'))
			return false;
	*out = s->p;
	s->p += DIGEST_HEX;
	return true;
}

/* Exactly as format_time_us writes it. */
static bool take_time(struct scan *s, nsec *out)
{
	static const char form[] = "0000-00-00T00:00:00.000000Z";
	const size_t n = sizeof form - 1;
	size_t i;

	if ((size_t)(s->end - s->p) < n)
		return false;
	for (i = 0; i < n; i++)
		if (form[i] == '0' ? s->p[i] < '0' || s->p[i] > '9' :
		    s->p[i] != form[i])
			return false;
	if (parse_time(s->p, n, out) < 0)
		return false;
	s->p += n;
	return true;
}

/* From behind the opening quote of a string to behind the closing one. */
static const char *skip_string(const char *start, const char *end)
{
	const char *p = start, *q;

	while (p < end && (p = memchr(p, '"', (size_t)(end - p)))) {
		for (q = p; q > start && q[-1] == '\\'; q--)
			;
		p++;
		if ((p - 1 - q) % 2 == 0)
			return p;
	}
	return NULL;
}

static bool take_string(struct scan *s, const char **out, size_t *n)
{
	const char *end = skip_string(s->p, s->end);

	if (!end)
		return false;
	*out = s->p;
	*n = (size_t)(end - 1 - s->p);
	s->p = end;
	return true;
}

static int take_type(struct scan *s, enum record_type *out, struct err *err)
{
	const char *name;
	size_t n;
	int type;

	if (!take(s, "\",\"type\":\"") || !take_string(s, &name, &n))
		return err_set(err, "it has no type");
	type = record_type_parse(name, n);
	if (type < 0)
		return err_set(err, "type \"%.*s\" is not known to this cairn",
		    n > 40 ? 40 : (int)n, name);
	*out = (enum record_type)type;
	return 0;
}

/* After the head comes a member or the end; the last byte closes the object,
 * save for the blank of record_mark_more. */
static bool take_rest(struct scan *s, bool *more)
{
	*more = s->end[-1] == ' ';
	s->end -= *more;
	return s->end > s->p && s->end[-1] == '}' &&
	    (*s->p == ',' ? s->end - s->p > 1 : s->end - s->p == 1);
}

int record_scan(const char *line, size_t n, struct record *out,
    struct err *err)
{
	struct scan s = { line, line + n };
	struct record r = { .line = line, .len = n };

	if (!take(&s, "{\"n\":") || !take_number(&s, &r.n))
		return err_set(err, "it does not begin with its number");
	if (!take(&s, ",\"prev\":\"") || !take_digest(&s, &r.prev))
		return err_set(err, "it has no digest of the record before");
	if (!take(&s, "\",\"at\":\"") || !take_time(&s, &r.at))
		return err_set(err, "it has no time");
	if (take_type(&s, &r.type, err) < 0)
		return -1;
	if (!take(&s, ",\"step\":\"") || !take_string(&s, &r.step, &r.step_len))
		return err_set(err, "it names no step");
	if (!take_rest(&s, &r.more))
		return err_set(err, "it has no end");
	*out = r;
	return 0;
}

json_t *record_parse(const struct record *r, struct err *err)
{
	json_error_t e;
	json_t *json = json_loadb(r->line, r->len, JSON_REJECT_DUPLICATES, &e);

	if (!json)
		err_set(err, "record %llu at byte %llu is not JSON: %s at %d",
		    (unsigned long long)r->n, (unsigned long long)r->offset,
		    e.text, e.position);
	return json;
}

/* From behind the opening bracket to behind its partner. */
static const char *skip_nest(const char *p, const char *end)
{
	int depth = 1;

	while (p && p < end) {
		switch (*p++) {
		case '"':
			p = skip_string(p, end);
			break;
		case '{': case '[':
			depth++;
			break;
		case '}': case ']':
			if (--depth == 0)
				return p;
		}
	}
	return NULL;
}

static const char *skip_value(const char *p, const char *end)
{
	if (p == end)
		return NULL;
	if (*p == '"')
		return skip_string(p + 1, end);
	if (*p == '{' || *p == '[')
		return skip_nest(p + 1, end);
	while (p < end && *p != ',' && *p != '}')
		p++;
	return p;
}

bool record_member(const struct record *r, const char *key,
    const char **value, size_t *n)
{
	struct scan s = { r->step + r->step_len + 1, r->line + r->len };
	size_t key_len = strlen(key), len;
	const char *name, *end;

	while (take(&s, ",\"") && take_string(&s, &name, &len) &&
	    take(&s, ":")) {
		end = skip_value(s.p, s.end);
		if (!end)
			return false;
		if (len == key_len && memcmp(name, key, len) == 0) {
			*value = s.p;
			*n = (size_t)(end - s.p);
			return true;
		}
		s.p = end;
	}
	return false;
}

bool record_member_int(const struct record *r, const char *key, int64_t *out)
{
	const char *value;
	size_t n;

	return record_member(r, key, &value, &n) &&
	    parse_int(value, n, out) == 0;
}

bool record_member_word(const struct record *r, const char *key,
    const char **word, size_t *n)
{
	const char *value;
	size_t len;

	if (!record_member(r, key, &value, &len) || *value != '"' ||
	    memchr(value, '\\', len))
		return false;
	*word = value + 1;
	*n = len - 2;
	return true;
}

static int add_json(const char *s, size_t n, void *ctx)
{
	buf_add(ctx, s, n);
	return 0;
}

static void add_string(struct buf *out, const char *s)
{
	json_t *string = json_string(s);

	if (!string || json_dump_callback(string, add_json, out,
	    JSON_ENCODE_ANY) < 0)
		BUG("record: address is not UTF-8");
	json_decref(string);
}

/* The members without the opening brace, which becomes the comma. */
static void add_payload(struct buf *out, const json_t *payload)
{
	static const char *const head[] = { "n", "prev", "at", "type", "step" };
	size_t at = out->len, i;

	for (i = 0; i < sizeof head / sizeof *head; i++)
		if (json_object_get(payload, head[i]))
			BUG("record: a payload has \"%s\"", head[i]);
	if (json_dump_callback(payload, add_json, out, JSON_COMPACT) < 0)
		BUG("record: a payload cannot be written");
	if (!out->cut)
		out->data[at] = ',';
}

void record_write(struct buf *out, uint64_t n, const char *prev, nsec at,
    enum record_type type, const char *step, const json_t *payload)
{
	buf_addf(out, "{\"n\":%llu,\"prev\":\"%s\",\"at\":\"",
	    (unsigned long long)n, prev);
	format_time_us(out, at);
	buf_addf(out, "\",\"type\":\"%s\",\"step\":", record_type_name(type));
	add_string(out, step);
	if (payload && json_object_size(payload))
		add_payload(out, payload);
	else
		buf_addc(out, '}');
	buf_addc(out, '\n');
}

void record_mark_more(struct buf *out)
{
	if (out->cut)
		return;
	out->data[out->len - 1] = ' ';
	buf_addc(out, '\n');
}
