#include "journal/runs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "journal/rundir.h"
#include "journal/safedir.h"

static const char time_form[] = "-00000000-0000-";
#define TIME_LEN (sizeof time_form - 1)
#define TAIL_LEN (TIME_LEN + 4)
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-"

bool run_name_valid(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= LIMIT_NAME && *name != '-' &&
	    strspn(name, NAME_CHARS) == n;
}

bool run_id_valid(const char *id)
{
	size_t n = strlen(id), i;
	const char *tail;

	if (n <= TAIL_LEN || n > LIMIT_NAME + TAIL_LEN || *id == '-' ||
	    strspn(id, NAME_CHARS) != n)
		return false;
	tail = id + n - TAIL_LEN;
	for (i = 0; i < TIME_LEN; i++)
		if (time_form[i] == '0' ? tail[i] < '0' || tail[i] > '9' :
		    tail[i] != time_form[i])
			return false;
	return strspn(tail + TIME_LEN, "0123456789abcdef") == 4;
}

char *run_id_make(const char *name, nsec wall, const char *random)
{
	time_t seconds = (time_t)(wall / NSEC_PER_SEC);
	struct tm tm;
	char stamp[32];

	gmtime_r(&seconds, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M", &tm);
	return xasprintf("%s-%s-%.4s", name, stamp, random);
}

int runs_open(const char *state, struct err *err)
{
	int fd = safedir_open(state, err), runs;

	if (fd < 0)
		return -1;
	runs = safedir_open_at(fd, "runs", err);
	close(fd);
	return runs;
}

struct entry {
	char *id;
	const char *stamp;       /* in id */
	nsec made;
};

/* Within a minute the ids say nothing, but the lock is made once and never
 * written. */
static struct entry make_entry(int runs, const char *name)
{
	struct entry e = { .id = xstrdup(name) };
	char *lock = xasprintf("%s/lock", name);
	struct stat st;

	e.stamp = e.id + strlen(e.id) - TAIL_LEN;
	if (fstatat(runs, lock, &st, AT_SYMLINK_NOFOLLOW) == 0)
		e.made = (nsec)st.st_mtim.tv_sec * NSEC_PER_SEC +
		    st.st_mtim.tv_nsec;
	free(lock);
	return e;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = memcmp(x->stamp, y->stamp, TIME_LEN);

	if (order == 0 && x->made != y->made)
		order = x->made < y->made ? -1 : 1;
	return order ? order : strcmp(x->id, y->id);
}

static bool have_runs(const char *state)
{
	char *path = xasprintf("%s/runs", state);
	struct stat st;
	bool have = lstat(path, &st) == 0 || errno != ENOENT;

	free(path);
	return have;
}

int rundir_list(const char *state, char ***ids, size_t *n, struct err *err)
{
	VEC(struct entry) all = { 0 };
	const struct dirent *entry;
	int runs = -1;
	DIR *dir;
	size_t i;

	if (have_runs(state) && (runs = runs_open(state, err)) < 0)
		return -1;
	dir = runs < 0 ? NULL : fdopendir(runs);
	while (dir && (entry = readdir(dir)))
		if (run_id_valid(entry->d_name))
			vec_push(&all, make_entry(runs, entry->d_name));
	if (dir)
		closedir(dir);
	else if (runs >= 0)
		close(runs);
	if (all.n)
		qsort(all.v, all.n, sizeof *all.v, compare_entries);
	*ids = xcalloc(all.n, sizeof **ids);
	for (i = 0; i < all.n; i++)
		(*ids)[i] = all.v[i].id;
	*n = all.n;
	vec_free(&all);
	return 0;
}

static void none_found(const char *run, struct err *err)
{
	struct buf shown = BUF_INIT(200);

	escape_line(&shown, run, strlen(run));
	err_set(err, "no run begins with '%s'", shown.data);
	err_hint(err, "'cairn list' prints all runs");
	buf_free(&shown);
}

/* `run` is only compared with names that are there, and never opened. */
char *runs_find(const char *state, const char *run, struct err *err)
{
	char **ids, *found = NULL;
	size_t n, i, matches = 0;

	if (rundir_list(state, &ids, &n, err) < 0)
		return NULL;
	for (i = 0; i < n; i++) {
		if (*run == '\0' || !str_has_prefix(ids[i], run))
			continue;
		matches++;
		if (!found || strcmp(ids[i], run) == 0)
			found = ids[i];
	}
	if (matches == 0)
		none_found(run, err);
	else if (matches > 1 && strcmp(found, run) != 0) {
		err_set(err, "%zu runs begin with '%s'", matches, run);
		err_hint(err, "%s is the first of them", found);
		found = NULL;
	}
	if (found)
		found = xstrdup(found);
	for (i = 0; i < n; i++)
		free(ids[i]);
	free(ids);
	return found;
}
