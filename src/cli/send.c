/* Telling a run something: a file in its inbox, then the record of it. */
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "journal/inbox.h"
#include "journal/journal.h"
#include "journal/rundir.h"

#define LOOK_AGAIN_MS 20

json_t *
cli_command(const char *verb, const struct given *g)
{
	const struct passwd *pw = getpwuid(getuid());
	json_t *json = json_pack("{s:s, s:s*, s:s*}", "verb", verb,
	    "login", pw == NULL ? NULL : pw->pw_name,
	    "tty", isatty(0) ? ttyname(0) : NULL);

	if (given_value(g, "--by") != NULL)
		json_object_set_new(json, "by",
		    json_string(given_value(g, "--by")));
	if (given_value(g, "--reason") != NULL)
		json_object_set_new(json, "reason",
		    json_string(given_value(g, "--reason")));
	return json;
}

static int
refuse_closed(struct err *err)
{
	err_set(err, "the run is closed; it takes nothing any more");
	return err_hint(err, "cairn status and cairn log still show it");
}

/* Looks for the record of `nonce`: 1 taken, 0 not there yet, 2 refused (with
 * the reason printed), -1 err. */
static int
find_record(struct journal_reader *reader, const char *nonce,
    struct err *err)
{
	struct record r;
	const char *word;
	size_t n;
	int got;

	while ((got = journal_reader_next(reader, &r, err)) == 1) {
		json_t *p;
		bool ours, refused;

		if (r.type == RECORD_RUN_END &&
		    record_member_word(&r, "state", &word, &n) && n == 6 &&
		    memcmp(word, "closed", n) == 0)
			return refuse_closed(err);
		if (r.type != RECORD_DECIDE && r.type != RECORD_PAUSE &&
		    r.type != RECORD_VOID && r.type != RECORD_REFUSED &&
		    r.type != RECORD_NOTE)
			continue;
		p = record_parse(&r, err);
		ours = p != NULL && str_eq(nonce, json_string_value(
		    json_object_get(p, "nonce")));
		refused = ours && r.type == RECORD_REFUSED;
		if (refused) {
			err_set(err, "not taken: %s", json_string_value(
			    json_object_get(p, "reason")));
			if (json_object_get(p, "hint") != NULL)
				err_hint(err, "%s", json_string_value(
				    json_object_get(p, "hint")));
		}
		json_decref(p);
		if (ours)
			return refused ? 2 : 1;
	}
	return got;
}

/* While no record comes, whoever waits tries to become the driver. */
static int
wait_for_record(struct cli_run *r, const char *nonce, struct err *err)
{
	struct journal_reader *reader = journal_reader_open(r->dir->fd, err);
	struct driver_wish wish = { NULL, false };
	int found = -1;

	while (reader != NULL &&
	    (found = find_record(reader, nonce, err)) == 0) {
		if (rundir_lock_holder(r->dir) == 0 &&
		    cli_driver_start(r, &wish, err) < 0) {
			found = -1;
			break;
		}
		poll(NULL, 0, LOOK_AGAIN_MS);
	}
	journal_reader_close(reader);
	return found;
}

int
cli_send(struct cli_run *r, json_t *json)
{
	struct err err = ERR_INIT;
	char nonce[NONCE_HEX + 1];
	int found = -1;

	if (fold_state(r->fold) == RUN_CLOSED)
		refuse_closed(&err);
	else if (inbox_send(r->dir->inbox_fd, json, nonce, &err) == 0)
		found = wait_for_record(r, nonce, &err);
	json_decref(json);
	if (found == 1)
		return EXIT_DONE;
	return cli_fail(&err);
}
