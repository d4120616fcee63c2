/* Typed values of the language (details.md 1). Small structs, passed by
 * value; what they point to lives in an arena and is never changed. */
#ifndef CAIRN_BOOK_VALUE_H
#define CAIRN_BOOK_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct buf;
struct err;

enum value_type {
	VALUE_NULL, VALUE_BOOL, VALUE_INT, VALUE_REAL, VALUE_STRING,
	VALUE_DURATION,      /* integer: ns */
	VALUE_SIZE,          /* integer: bytes; an int with a unit */
	VALUE_TIME,          /* integer: ns since 1970, UTC */
	VALUE_LIST, VALUE_MAP,
	VALUE_UNKNOWN,       /* a dry run, or a limit that was hit: `why` */
};

enum value_flags {
	VALUE_SECRET = 1,    /* computed from a secret */
	VALUE_WILD = 2,      /* wild(x): a destroying step takes it */
	VALUE_OPT = 4,       /* opt(x): may begin with "-" */
	VALUE_LITERAL = 8,   /* written so in the book, not computed */
	VALUE_FOREIGN = 16,  /* captured, an item: not the author's word */
	/* Of a list or map: some member, at any depth, is so. The builders
	 * below keep these; nothing else makes lists and maps. */
	VALUE_HOLDS_SECRET = 32,
	VALUE_HOLDS_FOREIGN = 64,
	VALUE_HOLDS_UNKNOWN = 128,
};

struct value_entry;
struct value_index;

struct value {
	enum value_type type;
	unsigned flags;
	union {
		bool boolean;
		int64_t integer;              /* INT DURATION SIZE TIME */
		double real;
		struct { const char *p; size_t n; } string;  /* p[n] is NUL */
		struct { const struct value *items; size_t n; } list;
		struct {
			const struct value_entry *entries;
			size_t n;
			const struct value_index *index;  /* large maps */
		} map;
		const char *why;              /* UNKNOWN */
	} u;
};

/* Maps keep the order in which they were made; keys are unique. */
struct value_entry {
	const char *key;
	size_t key_len;
	struct value value;
};

struct value value_null(void);
struct value value_bool(bool b);
struct value value_int(int64_t i);
struct value value_real(double d);
struct value value_of(enum value_type type, int64_t i);   /* INT DURATION … */
/* Copies n bytes into the arena. */
struct value value_string(struct arena *a, const char *s, size_t n);
struct value value_cstring(struct arena *a, const char *s);
/* Refers to s, which must outlive the value and be NUL-terminated. */
struct value value_static(const char *s);
struct value value_unknown(const char *why);

/* "null", "an int", "a string", … with article, for messages. */
const char *value_type_name(enum value_type type);
/* As `==`; values of two types are not equal. */
bool value_equal(struct value a, struct value b);
/* Less than, equal to, greater than 0. For two numbers (int, real, size in any
 * mixture, compared exactly), strings (by bytes), bools, durations, times. */
int value_order(struct value a, struct value b);
/* Member of a map, or NULL. */
const struct value *value_member(struct value map, const char *key, size_t n);
/* Secret, unknown: of the value or of anything inside. */
bool value_is_secret(struct value v);
bool value_is_unknown(struct value v);
/* Deep copy into another arena. */
struct value value_copy(struct arena *a, struct value v);

/* Appends the canonical text of a scalar (details.md 1); -1 with err for null,
 * list, map, unknown, and for a string that holds a NUL (security.md V7). */
int value_text(struct buf *out, struct value v, struct err *err);
/* For people: strings in quotes, durations and sizes with units, lists and
 * maps as JSON, at most `max` bytes. A secret is "[secret]". */
void value_show(struct buf *out, struct value v, size_t max);
/* Appends JSON on one line, scalars as value_text writes them, what is unknown
 * as null, bytes that are no UTF-8 as U+FFFD. Secrets stand as they are. */
void value_json(struct buf *out, struct value v);

/* A list or map under construction: `{ .arena = a }` is an empty one. */
struct value_list {
	struct value *items;
	size_t n, cap;
	struct arena *arena;
	unsigned flags;
};
void value_list_add(struct value_list *l, struct value v);
struct value value_list_done(const struct value_list *l);
struct value_map {
	struct value_entry *entries;
	size_t n, cap;
	struct arena *arena;
	unsigned flags;
	struct value_index *index;
};
/* Replaces an entry of the same key. The key is copied. */
void value_map_put(struct value_map *m, const char *key, size_t n,
    struct value v);
struct value value_map_done(const struct value_map *m);

#endif
