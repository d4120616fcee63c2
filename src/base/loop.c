#include "base/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/vec.h"
#include "base/xalloc.h"

struct watch {
	int fd;               /* -1: removed, goes away at the next turn */
	void (*fn)(int fd, void *ctx);
	void *ctx;
};

struct loop {
	VEC(struct watch) watches;
	VEC(struct pollfd) polled;
	bool turning;
	int signal_fd;        /* -1 before loop_signals */
	sigset_t old_mask;
	void (*on_signal)(int sig, void *ctx);
	void *signal_ctx;
};

struct loop *loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof *l);

	l->signal_fd = -1;
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	loop_forked(l);
	vec_free(&l->watches);
	vec_free(&l->polled);
	free(l);
}

static struct watch *find(struct loop *l, int fd)
{
	size_t i;

	for (i = 0; i < l->watches.n; i++) {
		if (l->watches.v[i].fd == fd)
			return &l->watches.v[i];
	}
	return NULL;
}

void loop_add(struct loop *l, int fd, void (*fn)(int fd, void *ctx), void *ctx)
{
	if (fd < 0 || find(l, fd))
		BUG("loop: descriptor %d cannot be added", fd);
	vec_push(&l->watches, ((struct watch){ fd, fn, ctx }));
}

void loop_remove(struct loop *l, int fd)
{
	struct watch *w = fd < 0 ? NULL : find(l, fd);

	if (w)
		w->fd = -1;
}

static void read_signals(int fd, void *ctx)
{
	struct loop *l = ctx;
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
		l->on_signal((int)info.ssi_signo, l->signal_ctx);
		if (l->signal_fd != fd)
			return;
	}
}

void loop_signals(struct loop *l, const int *signals, size_t n,
    void (*fn)(int sig, void *ctx), void *ctx)
{
	sigset_t set;
	size_t i;

	if (l->signal_fd >= 0)
		BUG("loop: signals are set already");
	sigemptyset(&set);
	for (i = 0; i < n; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, &l->old_mask);
	l->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->signal_fd < 0)
		BUG("signalfd: %s", strerror(errno));
	l->on_signal = fn;
	l->signal_ctx = ctx;
	loop_add(l, l->signal_fd, read_signals, l);
}

/* Fills `polled` with what is left of the watches, in the same order. */
static void collect(struct loop *l)
{
	size_t i, kept = 0;

	l->polled.n = 0;
	for (i = 0; i < l->watches.n; i++) {
		if (l->watches.v[i].fd < 0)
			continue;
		l->watches.v[kept++] = l->watches.v[i];
		vec_push(&l->polled, ((struct pollfd){
		    .fd = l->watches.v[i].fd, .events = POLLIN }));
	}
	l->watches.n = kept;
}

/* A callback may move the array and end other watches. */
static void call(struct loop *l, size_t i)
{
	struct watch w = l->watches.v[i];
	short ready = l->polled.v[i].revents;

	if (!ready || w.fd < 0)
		return;
	if (ready & POLLNVAL)
		BUG("loop: descriptor %d was closed, but not removed", w.fd);
	w.fn(w.fd, w.ctx);
}

void loop_turn(struct loop *l, nsec timeout)
{
	struct timespec ts = { 0 };
	size_t i;
	int ready;

	if (l->turning)
		BUG("loop: a turn inside of a turn");
	collect(l);
	if (timeout > 0) {
		ts.tv_sec = timeout / NSEC_PER_SEC;
		ts.tv_nsec = timeout % NSEC_PER_SEC;
	}
	ready = ppoll(l->polled.v, l->polled.n, timeout < 0 ? NULL : &ts, NULL);
	if (ready < 0 && errno != EINTR)
		BUG("ppoll: %s", strerror(errno));
	l->turning = true;
	for (i = 0; ready > 0 && i < l->polled.n; i++)
		call(l, i);
	l->turning = false;
}

void loop_forked(struct loop *l)
{
	if (l->signal_fd < 0)
		return;
	loop_remove(l, l->signal_fd);
	close(l->signal_fd);
	l->signal_fd = -1;
	sigprocmask(SIG_SETMASK, &l->old_mask, NULL);
}
