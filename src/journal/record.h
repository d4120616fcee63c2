/* One line of the journal.
 *
 * {"n":7,"prev":"<64 hex>","at":"2026-11-24T01:02:03.123456Z",
 *  "type":"step.end","step":"dump", …}
 *
 * The first five members stand in this order, without blanks; a small scanner
 * reads them, and nothing else is parsed until somebody asks. `step` is "" for
 * records about the run. `prev` is the SHA-256 of the whole line before, with
 * its newline; 64 zeros in the first. A line that belongs to the same commit as
 * the one before ends with a blank before its newline: so a reader knows where
 * each commit began. doc/journal.md describes every type. */
#ifndef CAIRN_JOURNAL_RECORD_H
#define CAIRN_JOURNAL_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/str.h"

struct buf;
struct err;

enum record_type {
	RECORD_RUN,          /* first: format, name, params, digests, PATH */
	RECORD_DRIVER,       /* a driver took the run: pid, boot, epoch */
	RECORD_STEP_START, RECORD_STEP_END, RECORD_STEP_STOP, RECORD_STEP_SKIP,
	RECORD_LOOK,         /* an answer of a condition, with its evidence */
	RECORD_ITEMS,
	RECORD_ASK,          /* a question to a person: what was shown */
	RECORD_PROMPT,
	RECORD_DECIDE,       /* what a person said: answer skip done … */
	RECORD_VOID,         /* steps are pending again: retry, redo */
	RECORD_PAUSE,        /* nothing more is started */
	RECORD_SLEEP,        /* no driver is needed until … */
	RECORD_REFUSED,      /* a command of the inbox that was not taken */
	RECORD_NOTE,         /* something a reader should know */
	RECORD_RUN_END,      /* how this driver left the run */
	RECORD_TYPES
};

const char *record_type_name(enum record_type type);
/* -1 when there is no such type. */
int record_type_parse(const char *s, size_t n);

/* The fixed head, as the scanner reads it. Pointers are into the line. */
struct record {
	uint64_t n;                       /* from 1 */
	const char *prev;                 /* 64 characters */
	nsec at;                          /* wall time */
	enum record_type type;
	const char *step;                 /* address as escaped in JSON */
	size_t step_len;
	const char *line;                 /* the whole line, without newline */
	size_t len;
	bool more;                        /* the commit goes on with it */
	uint64_t offset;                  /* of the line in the file */
};

/* Reads the head of a line (without its newline). -1 with the reason. A type
 * that is not known is an error that names the cairn that wrote it. */
int record_scan(const char *line, size_t n, struct record *out,
    struct err *err);
/* Parses the whole line; the caller owns the object. NULL with err. */
json_t *record_parse(const struct record *r, struct err *err);
/* The text of a member of the payload, without parsing the rest: *value and *n
 * are its JSON text. False when there is none. */
bool record_member(const struct record *r, const char *key,
    const char **value, size_t *n);
/* The same for a number, and for a string without escapes (its characters). */
bool record_member_int(const struct record *r, const char *key, int64_t *out);
bool record_member_word(const struct record *r, const char *key,
    const char **word, size_t *n);
/* Appends a line with its newline. `payload` is an object (borrowed) whose
 * members follow the head; NULL: none. */
void record_write(struct buf *out, uint64_t n, const char *prev, nsec at,
    enum record_type type, const char *step, const json_t *payload);
/* Marks the line just written as of the same commit as the one before. */
void record_mark_more(struct buf *out);

#endif
