#include "engine/surroundings.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

/* The line "0::/path" of the unified hierarchy; its last component is the
 * unit. */
static bool
unit_of(const char *text, size_t n, struct buf *unit)
{
	const char *line = n >= 3 && memcmp(text, "0::", 3) == 0 ? text :
	    memmem(text, n, "\n0::", 4);
	const char *end, *slash;

	if (line == NULL)
		return false;
	line += *line == '\n' ? 4 : 3;
	end = memchr(line, '\n', n - (size_t)(line - text));
	if (end == NULL)
		end = text + n;
	slash = memrchr(line, '/', (size_t)(end - line));
	line = slash == NULL ? line : slash + 1;
	buf_add(unit, line, (size_t)(end - line));
	return unit->len > 0;
}

bool
cgroup_takes_along(const char *text, size_t n, bool logout_kills,
    struct buf *unit)
{
	if (!unit_of(text, n, unit))
		return false;
	if (str_has_prefix(unit->data, "session-") &&
	    str_has_suffix(unit->data, ".scope"))
		return logout_kills;
	/* the manager of a user's own units lives until he has logged out
	 * everywhere; that is what lingering is for */
	return str_has_suffix(unit->data, ".service") &&
	    !str_has_prefix(unit->data, "user@");
}

static bool
read_file(const char *path, struct buf *out)
{
	struct err err = ERR_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && file_read_fd(fd, path, out, &err) == 0;

	if (fd >= 0)
		close(fd);
	err_free(&err);
	return ok;
}

/* logind.conf(5): KillUserProcesses=yes ends everything of a session. */
static bool
logout_kills(void)
{
	struct buf conf = BUF_INIT(64 * 1024);
	bool yes = read_file("/etc/systemd/logind.conf", &conf) &&
	    strstr(conf.data, "\nKillUserProcesses=yes") != NULL;

	buf_free(&conf);
	return yes;
}

bool
surroundings_take_along(struct buf *unit)
{
	struct buf text = BUF_INIT(64 * 1024);
	bool yes = read_file("/proc/self/cgroup", &text) &&
	    cgroup_takes_along(text.data, text.len, logout_kills(), unit);

	buf_free(&text);
	return yes;
}
