#include "engine/environ.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

#define SANE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

void
environ_path(const char *path, struct buf *out)
{
	const char *p = path == NULL ? "" : path;

	while (*p != '\0') {
		size_t n = strcspn(p, ":");

		if (p[0] == '/') {
			if (out->len > 0)
				buf_addc(out, ':');
			buf_add(out, p, n);
		}
		p += n + (p[n] == ':');
	}
	if (out->len == 0)
		buf_adds(out, SANE_PATH);
}

const char *const *
environ_declared(struct arena *a, const char *path)
{
	const struct passwd *pw = getpwuid(geteuid());
	const char *home = pw != NULL ? pw->pw_dir : "/";
	const char *user = pw != NULL ? pw->pw_name : "nobody";
	const char *shell = pw != NULL && pw->pw_shell[0] != '\0' ?
	    pw->pw_shell : "/bin/sh";
	const char *lang = getenv("LANG"), *tz = getenv("TZ");
	const char **env = arena_array(a, 8, sizeof *env);
	size_t n = 0;

	env[n++] = arena_printf(a, "PATH=%s", path);
	env[n++] = arena_printf(a, "HOME=%s", home);
	env[n++] = arena_printf(a, "USER=%s", user);
	env[n++] = arena_printf(a, "LOGNAME=%s", user);
	env[n++] = arena_printf(a, "SHELL=%s", shell);
	env[n++] = arena_printf(a, "LANG=%s", lang == NULL ? "C.UTF-8" : lang);
	if (tz != NULL)
		env[n++] = arena_printf(a, "TZ=%s", tz);
	return env;
}
