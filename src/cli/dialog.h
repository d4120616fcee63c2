/* Which question is put to the person at the terminal now, and reading what is
 * typed. Lines are read as the terminal gives them: no mode is changed. */
#ifndef CAIRN_CLI_DIALOG_H
#define CAIRN_CLI_DIALOG_H

#include <jansson.h>
#include <stdbool.h>

#include "base/str.h"

struct buf;
struct cli_run;
struct dialog;
struct fold;
struct journal_reader;

/* NULL unless stdin and stderr are terminals. `run`: its id. */
struct dialog *dialog_new(const char *run);
void dialog_free(struct dialog *d);
/* Withdraws a question that is answered or has changed, and puts the next one.
 * `over`: no driver is at work, so failed, unknown and stopped steps are asked
 * about, too. `shown`: records from this offset on stand on the screen
 * already; a question of before is shown whole. What is to be shown is
 * appended to `out`. */
void dialog_look(struct dialog *d, const struct fold *f,
    const struct journal_reader *reader, uint64_t shown, bool over,
    struct buf *out);
/* Does a question stand? */
bool dialog_asks(const struct dialog *d);
/* Asks what to do with what runs, and from now on nothing else. */
void dialog_running(struct dialog *d, struct buf *out);
/* From now on nothing is asked. */
void dialog_quiet(struct dialog *d);
/* Reads what was typed. A whole answer: {verb, …} for the run, or the verbs
 * "wait" and "leave"; the caller owns it. Else NULL. */
json_t *dialog_read(struct dialog *d, struct buf *out);
/* What became of an answer: refused questions are asked again. */
void dialog_told(struct dialog *d, bool taken, struct buf *out);

#endif
