/* Which cgroups take a driver along. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "engine/surroundings.h"

static void
test_units(void **state)
{
	static const struct { const char *text, *unit; bool logout, along; }
	rows[] = {
		{ "0::/system.slice/cron.service\n", "cron.service", false,
		  true },
		{ "0::/system.slice/gitlab-runner.service\n",
		  "gitlab-runner.service", true, true },
		{ "0::/user.slice/user-1000.slice/session-3.scope\n",
		  "session-3.scope", false, false },
		{ "0::/user.slice/user-1000.slice/session-3.scope\n",
		  "session-3.scope", true, true },
		{ "0::/user.slice/user-1000.slice/user@1000.service\n",
		  "user@1000.service", true, false },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		  "run-r12.scope\n", "run-r12.scope", true, false },
		{ "12:pids:/x\n0::/a/b.service", "b.service", false, true },
		{ "0::/\n", "", true, false },
		{ "12:pids:/x.service\n", "", true, false },
		{ "", "", true, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf unit = BUF_INIT(4096);

		assert_int_equal(cgroup_takes_along(rows[i].text,
		    strlen(rows[i].text), rows[i].logout, &unit),
		    rows[i].along);
		assert_string_equal(unit.data, rows[i].unit);
		buf_free(&unit);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_units) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
