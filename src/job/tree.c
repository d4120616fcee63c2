#include "job/tree.h"

#include <unistd.h>

static void add(pid_t pid, void *ctx)
{
	struct tree *t = ctx;
	struct process p = { pid, process_start(pid) };

	if (p.start != 0)
		vec_push(&t->members, p);
}

static void walk(struct tree *t)
{
	size_t i;

	process_children(getpid(), add, t);
	for (i = 0; i < t->members.n; i++)
		process_children(t->members.v[i].pid, add, t);
}

static bool has(const struct tree *t, struct process p)
{
	size_t i;

	for (i = 0; i < t->members.n; i++) {
		if (t->members.v[i].pid == p.pid &&
		    t->members.v[i].start == p.start)
			return true;
	}
	return false;
}

static void tell(struct process p, int sig, struct tree *told)
{
	if (told && has(told, p))
		return;
	process_signal(p, sig);
	if (told)
		vec_push(&told->members, p);
}

void tree_signal(int sig, struct tree *told)
{
	struct tree first = { 0 }, second = { 0 };
	size_t i;

	/* Between the look at the parent and the look at the start time a pid
	 * may have become somebody else's. Who is seen twice, both times with
	 * this start time and below us, is ours. */
	walk(&first);
	walk(&second);
	for (i = 0; i < second.members.n; i++) {
		if (has(&first, second.members.v[i]))
			tell(second.members.v[i], sig, told);
	}
	vec_free(&first.members);
	vec_free(&second.members);
}
