/* Commands to a run: files renamed into inbox/, taken once (security.md G10).
 *
 * A command is a JSON object {"verb": "answer" | "stop" | "pause" | …, …}. The
 * sender writes it under a hidden name and renames it to a nonce. */
#ifndef CAIRN_JOURNAL_INBOX_H
#define CAIRN_JOURNAL_INBOX_H

#include <jansson.h>
#include <sys/types.h>

#include "base/digest.h"

struct err;
struct vfs;

/* Sends; nonce names it from now on. Takes no reference. */
int inbox_send(int inbox_fd, const json_t *command,
    char nonce[NONCE_HEX + 1], struct err *err);

struct inbox_item {
	char *name;            /* of the file */
	json_t *command;       /* NULL: refused, for `refused` */
	char *refused;         /* reason, for the journal */
	uid_t uid;             /* owner of the file: a fact */
};
/* Reads at most LIMIT_INBOX_TURN files, oldest first by name of arrival; each
 * is opened O_NOFOLLOW|O_NONBLOCK and must be regular, owned by the euid or
 * root, without access for group and others, within LIMIT_INBOX_FILE, JSON of
 * depth <= 16. Nothing is removed: the driver journals first. Returns the
 * number of items or -1. The caller frees with inbox_items_free. */
int inbox_read(int inbox_fd, struct inbox_item **items, struct err *err);
void inbox_items_free(struct inbox_item *items, int n);
/* After the record is on disk. */
int inbox_remove(int inbox_fd, const struct vfs *vfs, const char *name);

#endif
