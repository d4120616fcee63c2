/* What the commands share: finding runs, loading books, starting drivers. */
#ifndef CAIRN_CLI_CLI_H
#define CAIRN_CLI_CLI_H

#include <jansson.h>

#include "base/err.h"
#include "book/decode.h"
#include "cli/exit.h"
#include "cli/opt.h"
#include "engine/run.h"
#include "journal/fold.h"

struct rundir;
struct plan;

extern const struct cmd cmd_run, cmd_lint, cmd_plan, cmd_status, cmd_log,
    cmd_list, cmd_answer, cmd_resume, cmd_stop, cmd_pause, cmd_close,
    cmd_attach,
    cmd_undo, cmd_done, cmd_skip, cmd_retry, cmd_journal, cmd_kinds, cmd_schema,
    cmd_help, cmd_manual;

/* Parses the words of a command; prints usage or the error. True: go on. */
bool cli_given(const struct cmd *cmd, int argc, char **argv,
    struct given *out, int *status);
/* Prints an error or all of them to stderr; returns EXIT_USAGE. */
int cli_fail(struct err *err);
int cli_fail_all(struct errs *errs);
/* Writes a buffer to stdout or stderr. */
void cli_out(const struct buf *b);
void cli_talk(const struct buf *b);
/* Prints JSON in pure ASCII; takes the reference. */
void cli_json(json_t *json);

/* A book, opened for reading: place and folder. */
struct cli_book {
	struct book_place place;
	char *folder, *file;
	struct book *book;
};
/* `path` is a file, or a folder with a runbook.yaml. `only_lint`: nothing but
 * its validity is asked for. -1: errors printed. */
int cli_book_load(const char *path, bool only_lint, struct cli_book *out);
void cli_book_free(struct cli_book *b);

/* The run that a word (or its absence, or "last") means. NULL with err. */
struct rundir *cli_run_open(const char *word, struct err *err);

/* A run as its journal tells it. */
struct cli_run {
	struct rundir *dir;
	struct arena *arena;
	struct run_facts facts;
	struct book *book;           /* of its snapshot */
	struct plan *plan;
	struct fold *fold;
	struct journal_reader *reader; /* at the end: head and payloads */
};
/* Opens all of it; takes `dir` over, also on failure. */
int cli_run_read(struct rundir *dir, struct cli_run *out, struct err *err);
void cli_run_free(struct cli_run *r);
/* Reads the journal to its end into *out: the reader, to be closed, or NULL. */
struct journal_reader *cli_fold(const struct rundir *dir, struct fold **out,
    struct err *err);
/* The fold alone, or NULL. */
struct fold *cli_fold_only(const struct rundir *dir, struct err *err);

/* Starts a driver in a process of its own. 1: it has the run; 0: another
 * driver has it; -1: err. */
struct driver_wish {
	const char *until;
	bool resume;
};
int cli_driver_start(const struct cli_run *r, const struct driver_wish *wish,
    struct err *err);
/* Becomes the driver in this process; the exit status. */
int cli_driver_here(const struct cli_run *r, const struct driver_wish *wish,
    struct err *err);

/* Follows a run on this terminal until it ends or waits; the exit status. */
struct view {
	bool from_start;             /* print what has happened before, too */
	bool leave_when_waiting;     /* end with 3 once only people are waited
	                                for, although a driver still looks */
	uint64_t after;              /* print what came after this record */
	struct cli_run *run;         /* draw what runs and ask what waits, where
	                                there is a terminal; NULL: only lines */
};
int cli_view(const struct rundir *dir, const struct view *view);

/* Sends a command and waits until it is on record; starts a driver when there
 * is none. `json` is taken. 0: taken; EXIT_USAGE: refused, reason printed. */
int cli_send(struct cli_run *r, json_t *json);
/* {verb, login, tty} and what --by and --reason say. */
json_t *cli_command(const char *verb, const struct given *g);
/* The exit status that a state of a run means. */
int cli_status_of(enum run_state s);

#endif
