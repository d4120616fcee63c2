#include "journal/inbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "journal/vfs.h"

#define DEPTH_MAX 16

static int write_hidden(int inbox_fd, const char *hidden, const char *text,
    size_t n, struct err *err)
{
	int fd = openat(inbox_fd, hidden, O_WRONLY | O_CREAT | O_EXCL |
	    O_CLOEXEC | O_NOFOLLOW, 0600);
	int result = 0;

	if (fd < 0)
		return err_errno(err, "cannot write to the inbox");
	if (write_all(fd, text, n) < 0 || fsync(fd) < 0)
		result = err_errno(err, "cannot write to the inbox");
	close(fd);
	return result;
}

static int send_text(int inbox_fd, const char *text, size_t n,
    const char *nonce, struct err *err)
{
	char hidden[NONCE_HEX + 2];

	snprintf(hidden, sizeof hidden, ".%s", nonce);
	if (write_hidden(inbox_fd, hidden, text, n, err) == 0) {
		if (renameat2(inbox_fd, hidden, inbox_fd, nonce,
		    RENAME_NOREPLACE) == 0 && fsync(inbox_fd) == 0)
			return 0;
		err_errno(err, "cannot put the command into the inbox");
	}
	unlinkat(inbox_fd, hidden, 0);
	return -1;
}

int inbox_send(int inbox_fd, const json_t *command,
    char nonce[NONCE_HEX + 1], struct err *err)
{
	char *text = json_dumps(command, JSON_COMPACT), made[NONCE_HEX + 1];
	size_t n = text ? strlen(text) : 0;
	int result;

	nonce_make(made);
	if (!text)
		result = err_set(err, "the command is not UTF-8");
	else if (n > LIMIT_INBOX_FILE)
		result = err_set(err, "the answer is larger than %zu bytes",
		    LIMIT_INBOX_FILE);
	else
		result = send_text(inbox_fd, text, n, made, err);
	if (result == 0)
		memcpy(nonce, made, sizeof made);
	free(text);
	return result;
}

/* A name in the inbox, with what lstat said. */
struct arrival {
	char *name;
	struct stat st;
};
struct arrivals { VEC(struct arrival) list; };

/* The change of the inode is the renaming, whatever the sender's clock says. */
static int compare_arrivals(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;
	const struct timespec *s = &x->st.st_ctim, *t = &y->st.st_ctim;

	if (s->tv_sec != t->tv_sec)
		return s->tv_sec < t->tv_sec ? -1 : 1;
	if (s->tv_nsec != t->tv_nsec)
		return s->tv_nsec < t->tv_nsec ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Hidden names are commands that are being written, and pipes for secrets. */
static int list_arrivals(int inbox_fd, struct arrivals *out, struct err *err)
{
	int fd = openat(inbox_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct arrival a;

	if (!dir) {
		err_errno(err, "cannot list the inbox");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || fstatat(inbox_fd, entry->d_name,
		    &a.st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		a.name = xstrdup(entry->d_name);
		vec_push(&out->list, a);
	}
	closedir(dir);
	if (out->list.n)
		qsort(out->list.v, out->list.n, sizeof *out->list.v,
		    compare_arrivals);
	return 0;
}

static bool is_nonce(const char *name)
{
	return strlen(name) == NONCE_HEX &&
	    strspn(name, "0123456789abcdef") == NONCE_HEX;
}

/* Why a file is no command of ours, or NULL. */
static const char *fault_of(const struct stat *st)
{
	if (S_ISLNK(st->st_mode))
		return "it is a symbolic link";
	if (!S_ISREG(st->st_mode))
		return "it is not a regular file";
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "it belongs to another user";
	if (st->st_mode & 077)
		return "others have access to it";
	if ((unsigned long long)st->st_size > LIMIT_INBOX_FILE)
		return "it is too large";
	return NULL;
}

/* The parser recurses: the depth is known before it begins. */
static bool too_deep(const char *s, size_t n)
{
	bool string = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (string && s[i] == '\\')
			i++;
		else if (s[i] == '"')
			string = !string;
		else if (!string && (s[i] == '{' || s[i] == '['))
			depth++;
		else if (!string && (s[i] == '}' || s[i] == ']'))
			depth--;
		if (depth > DEPTH_MAX)
			return true;
	}
	return false;
}

static const char *parse_command(const char *s, size_t n, json_t **out)
{
	json_t *json;

	if (too_deep(s, n))
		return "its JSON is too deep";
	json = json_loadb(s, n, JSON_REJECT_DUPLICATES, NULL);
	if (!json)
		return "it is not JSON";
	if (json_is_string(json_object_get(json, "verb"))) {
		*out = json;
		return NULL;
	}
	json_decref(json);
	return "it names no verb";
}

/* Why the open file is no command, or NULL and the command. */
static const char *read_open(int fd, struct inbox_item *item)
{
	struct buf text = BUF_INIT(LIMIT_INBOX_FILE);
	struct err ignored = ERR_INIT;
	struct stat st;
	const char *fault;

	if (fstat(fd, &st) < 0)
		return "it cannot be looked at";
	item->uid = st.st_uid;
	fault = fault_of(&st);
	if (!fault && file_read_fd(fd, "a command", &text, &ignored) < 0)
		fault = text.cut ? "it is too large" : "it cannot be read";
	if (!fault)
		fault = parse_command(text.data, text.len, &item->command);
	buf_free(&text);
	err_free(&ignored);
	return fault;
}

static const char *read_command(int inbox_fd, const struct arrival *a,
    struct inbox_item *item)
{
	const char *fault = fault_of(&a->st);
	int fd;

	if (!is_nonce(a->name))
		return "its name is not that of a command";
	if (fault)
		return fault;
	fd = openat(inbox_fd, a->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return "it cannot be opened";
	fault = read_open(fd, item);
	close(fd);
	return fault;
}

static struct inbox_item take(int inbox_fd, const struct arrival *a)
{
	struct inbox_item item = { .uid = a->st.st_uid };
	const char *fault = read_command(inbox_fd, a, &item);

	item.name = xstrdup(a->name);
	if (fault)
		item.refused = xstrdup(fault);
	return item;
}

int inbox_read(int inbox_fd, struct inbox_item **items, struct err *err)
{
	struct arrivals all = { 0 };
	size_t n, i;

	if (list_arrivals(inbox_fd, &all, err) < 0)
		return -1;
	n = all.list.n < LIMIT_INBOX_TURN ? all.list.n : LIMIT_INBOX_TURN;
	*items = xcalloc(n, sizeof **items);
	for (i = 0; i < n; i++)
		(*items)[i] = take(inbox_fd, &all.list.v[i]);
	for (i = 0; i < all.list.n; i++)
		free(all.list.v[i].name);
	vec_free(&all.list);
	return (int)n;
}

void inbox_items_free(struct inbox_item *items, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		free(items[i].name);
		free(items[i].refused);
		json_decref(items[i].command);
	}
	free(items);
}

/* A power cut may bring the file back: its nonce is taken then. */
int inbox_remove(int inbox_fd, const struct vfs *vfs, const char *name)
{
	struct err ignored = ERR_INIT;
	int result;

	if (vfs->remove(vfs->ctx, inbox_fd, name) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return errno == ENOENT ? 0 : -1;
	result = file_remove_tree(inbox_fd, name, &ignored);
	err_free(&ignored);
	return result;
}
