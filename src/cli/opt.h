/* Options as rows: parsing, --help and the manual come from the same table. */
#ifndef CAIRN_CLI_OPT_H
#define CAIRN_CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

struct opt {
	const char *name;            /* "--set"; NULL ends the table */
	const char *arg;             /* "NAME=VALUE", or NULL: a switch */
	const char *help;
};

struct cmd {
	const char *name;
	const char *args;            /* "BOOK", "[RUN] [STEP]" */
	const char *help;            /* one sentence */
	const struct opt *opts;
	int (*run)(const struct cmd *cmd, int argc, char **argv);
	int min, max;                /* how many words after the options */
};

/* What was given. */
struct given {
	const char **words;          /* positional */
	size_t n_words;
	struct { const char *name, *value; } *v;
	size_t n;
};
/* Sorts out argv[1…]; "--" ends options; "--name=value" and "--name value".
 * -1 with err: unknown option ("did you mean"), missing value, wrong number of
 * words. */
int given_parse(const struct cmd *cmd, int argc, char **argv,
    struct given *out, struct err *err);
void given_free(struct given *g);
bool given_has(const struct given *g, const char *name);
/* The last value, or NULL. */
const char *given_value(const struct given *g, const char *name);
/* All values in order; the caller frees the array. */
const char **given_values(const struct given *g, const char *name, size_t *n);
const char *given_word(const struct given *g, size_t i);     /* or NULL */

/* "usage: cairn run BOOK …" with all options. */
void cmd_usage(const struct cmd *cmd, struct buf *out);

#endif
