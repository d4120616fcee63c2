/* Records as lines for people: the screen of run, attach, resume, and log. */
#ifndef CAIRN_REPORT_LINE_H
#define CAIRN_REPORT_LINE_H

#include <jansson.h>

#include "journal/record.h"

struct buf;

/* Appends what a record says, as whole lines; nothing for records that say
 * nothing to a person. `run` is the id, for the commands that are printed. */
void line_record(struct buf *out, const char *run, const struct record *r,
    const json_t *payload);
/* The question of an ask record as a block: evidence above, what is cairn's
 * own last, then the exact command that answers it (security.md T2). */
void line_question(struct buf *out, const char *run, const char *step,
    const json_t *ask);
/* What a person needs of a step that failed, by its end record: where it is
 * written, what was expected, the lines that decided it, what the book knows
 * about it, what can be done now. */
void line_failure(struct buf *out, const char *run, const char *step,
    const json_t *end);
/* "11:02:03", local time. */
void line_time(struct buf *out, nsec wall);
/* Text of several lines, each behind `prefix`, escaped for a terminal. */
void line_indented(struct buf *out, const char *prefix, const char *s,
    size_t n);
/* The text of a member that value_to_record wrote: a string, or bytes. */
const char *line_text(const json_t *payload, const char *key, size_t *n);

#endif
