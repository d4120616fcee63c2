/* A journal of n records in the run directory that is given: half of a step's
 * life a record, as a driver would have written it, for timing status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "journal/journal.h"
#include "journal/rundir.h"
#include "journal/vfs.h"

static void
add_step(struct journal *j, int step, int attempt)
{
	char address[32];

	snprintf(address, sizeof address, "s%05d", step);
	journal_add(j, RECORD_STEP_START, address, json_pack(
	    "{s:i, s:i, s:s, s:s, s:s, s:s}", "attempt", attempt, "slot", 0,
	    "boot", clock_boot(clock_real()), "fingerprint",
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	    "title", "A step of many", "where", "runbook.yaml:12"));
	journal_add(j, RECORD_STEP_END, address, json_pack(
	    "{s:i, s:s, s:I, s:I, s:s}", "attempt", attempt, "state", "failed",
	    "begin", (json_int_t)1, "end", (json_int_t)2, "out",
	    "a line of output that is about as long as most of them are"));
	journal_add(j, RECORD_VOID, "", json_pack("{s:[s], s:s}", "addresses",
	    address, "reason", "once more"));
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct rundir *dir;
	struct journal *j;
	size_t torn;
	int n = argc > 3 ? atoi(argv[3]) : 100000, i, holder;

	if (argc < 3) {
		fputs("usage: make_journal STATE RUN [RECORDS]\n", stderr);
		return 2;
	}
	dir = rundir_open(argv[1], argv[2], &err);
	if (dir == NULL || rundir_lock(dir, &holder, &err) != 1 ||
	    (j = journal_open(dir->fd, vfs_real(), clock_real(), NULL, NULL,
	    &torn, &err)) == NULL) {
		fprintf(stderr, "make_journal: %s\n", err.text);
		return 1;
	}
	for (i = 0; i < n / 3; i++) {
		/* step 0 is the one that has really run */
		add_step(j, 1 + i % 999, 100 + i / 999);
		if (i % 100 == 99 && journal_commit(j, &err) != 0)
			return 1;
	}
	if (journal_pending(j) && journal_commit(j, &err) != 0)
		return 1;
	journal_close(j);
	rundir_close(dir);
	return 0;
}
