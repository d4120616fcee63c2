/* What a run looks like now: for `cairn status` and `cairn list`. */
#ifndef CAIRN_REPORT_STATUS_H
#define CAIRN_REPORT_STATUS_H

#include <jansson.h>

#include "journal/fold.h"
#include "plan/plan.h"

struct buf;
struct journal_reader;

struct status {
	const char *run;             /* id */
	const char *title;
	const struct plan *plan;
	const struct fold *fold;
	const struct journal_reader *reader;     /* for questions and reasons */
	int driver;                  /* pid, 0: none */
	nsec now;
};

/* Phases and steps, what runs, what waits with its question, what failed with
 * its reason, and the journal's head. */
void status_text(const struct status *s, struct buf *out);
json_t *status_json(const struct status *s);
/* "waiting (driver 4711)": the state in words. */
void status_word(const struct fold *f, int driver, struct buf *out);

#endif
