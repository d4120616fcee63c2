#include "base/arena.h"
#include "cli/cli.h"
#include "journal/rundir.h"
#include "plan/plan.h"

static const struct opt opts[] = {
	{ "--until", "STEP", "ends, paused, when this step is done" },
	{ "--foreground", NULL, "this process is the driver" },
	{ NULL, NULL, NULL },
};

/* Is there anything to take up again? */
static int
check_state(const struct cli_run *r, struct err *err)
{
	switch (fold_state(r->fold)) {
	case RUN_DONE:
		return err_set(err, "%s is done; there is nothing to resume",
		    r->dir->id);
	case RUN_UNDONE:
		return err_set(err, "%s was taken back; begin a new run",
		    r->dir->id);
	case RUN_CLOSED:
		return err_set(err, "%s is closed", r->dir->id);
	default:
		return 0;
	}
}

static int
resume(const struct given *g, struct cli_run *r, struct err *err)
{
	struct driver_wish wish = { given_value(g, "--until"), true };
	/* also what the new driver says before we look */
	struct view view = { false, true, fold_records(r->fold), r };
	int pid = rundir_lock_holder(r->dir), started;

	if (check_state(r, err) != 0)
		return EXIT_USAGE;
	if (pid != 0) {
		err_set(err, "%s is held by a driver (%d)", r->dir->id, pid);
		err_hint(err, "cairn attach %s shows it", r->dir->id);
		return EXIT_HELD;
	}
	if (given_has(g, "--foreground"))
		return cli_driver_here(r, &wish, err);
	started = cli_driver_start(r, &wish, err);
	if (started < 0)
		return EXIT_USAGE;
	if (started == 0) {
		err_set(err, "another driver took %s", r->dir->id);
		return EXIT_HELD;
	}
	return cli_view(r->dir, &view);
}

static int
run(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct err err = ERR_INIT;
	struct rundir *dir;
	struct cli_run r;
	int status = EXIT_USAGE;

	if (!cli_given(cmd, argc, argv, &g, &status))
		return status;
	dir = cli_run_open(given_word(&g, 0), &err);
	if (dir != NULL && cli_run_read(dir, &r, &err) == 0) {
		status = resume(&g, &r, &err);
		cli_run_free(&r);
	}
	if (err.set)
		cli_fail(&err);
	given_free(&g);
	return status;
}

const struct cmd cmd_resume = {
	.name = "resume", .args = "[RUN] [options]",
	.help = "Takes a run up again, exactly where it was",
	.opts = opts, .run = run, .max = 1,
};
