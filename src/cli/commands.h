/* The table of commands. */
#ifndef CAIRN_CLI_COMMANDS_H
#define CAIRN_CLI_COMMANDS_H

#include <stddef.h>

struct buf;
struct cmd;

/* Row i, from 0, in the order of --help and of the manual; NULL behind the
 * last. */
const struct cmd *cmd_at(size_t i);
/* By its name; NULL: there is none. */
const struct cmd *cmd_find(const char *name);
/* Says so, with what may have been meant; the exit status. */
int cmd_unknown(const char *word);
/* All commands in a line each. */
void cmd_list_all(struct buf *out);

#endif
