#include "job/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/vec.h"
#include "job/message.h"
#include "job/supervisor.h"

struct slot {
	struct slots *all;
	int number;
	int socket;                  /* to the supervisor; -1: it is gone */
	pid_t supervisor;
	bool taken, running, retired;
	bool printed;                /* there is output to be emptied */
	bool left_behind;            /* descendants of the last job live on */
	void (*done)(struct slot *slot, const struct job_result *r, void *ctx);
	void *ctx;
	struct message answer;       /* being received */
	size_t got;
};

struct slots {
	int dirfd;
	struct loop *loop;
	const struct worker *workers;
	void (*forked)(void *ctx);
	void *ctx;
	struct rlimit core;
	VEC(struct slot *) list;
	VEC(int) spare;              /* directories without a supervisor */
	int next;                    /* number of the next new directory */
};

struct slots *
slots_new(int job_dirfd, struct loop *loop, const struct worker *workers,
    void (*forked)(void *ctx), void *ctx)
{
	struct slots *s = xcalloc(1, sizeof *s);
	int numbers[4096];
	size_t n = slots_existing(job_dirfd, numbers, 4096);

	s->dirfd = job_dirfd;
	s->loop = loop;
	s->workers = workers;
	s->forked = forked;
	s->ctx = ctx;
	s->next = n == 0 ? 0 : numbers[n - 1] + 1;
	getrlimit(RLIMIT_CORE, &s->core);
	return s;
}

static void
disconnect(struct slot *slot)
{
	if (slot->socket < 0)
		return;
	loop_remove(slot->all->loop, slot->socket);
	close(slot->socket);
	slot->socket = -1;
	/* it may be busy with its last job: somebody else waits for it then */
	waitpid(slot->supervisor, NULL, WNOHANG);
}

void
slots_free(struct slots *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->list.n; i++) {
		disconnect(s->list.v[i]);
		free(s->list.v[i]);
	}
	vec_free(&s->list);
	vec_free(&s->spare);
	free(s);
}

/* ---- news from the supervisor */

static void
end_job(struct slot *slot, const struct job_result *r)
{
	if (!slot->running)
		return;
	slot->running = false;
	slot->left_behind = r->left_behind;
	slot->printed = r->out > 0 || r->err > 0;
	slot->done(slot, r, slot->ctx);
}

static void
supervisor_lost(struct slot *slot)
{
	struct job_result lost = { .outcome = JOB_LOST };

	disconnect(slot);
	slot->retired = true;
	end_job(slot, &lost);
}

static void
on_socket(int fd, void *ctx)
{
	struct slot *slot = ctx;
	ssize_t n = recv(fd, (char *)&slot->answer + slot->got,
	    sizeof slot->answer - slot->got, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		supervisor_lost(slot);
		return;
	}
	slot->got += (size_t)n;
	if (slot->got < sizeof slot->answer)
		return;
	slot->got = 0;
	end_job(slot, &slot->answer.result);
}

/* ---- making one */

static int
open_slot(struct slots *s, int number, struct err *err)
{
	char name[16];
	int fd;

	snprintf(name, sizeof name, "%d", number);
	if (mkdirat(s->dirfd, name, 0700) != 0 && errno != EEXIST)
		return err_errno(err, "the slot job/%s", name);
	fd = openat(s->dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	return fd < 0 ? err_errno(err, "the slot job/%s", name) : fd;
}

/* The lock is taken before the fork, so that there is no moment without. */
static int
lock_slot(int slot_fd, int number, struct err *err)
{
	int fd = openat(slot_fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW |
	    O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(err, "the lock of slot %d", number);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return err_set(err, "slot %d is in use", number);
	}
	return fd;
}

static int
fork_supervisor(struct slot *slot, int slot_fd, int lock_fd, struct err *err)
{
	struct slots *s = slot->all;
	struct supervisor_setup setup = { slot_fd, lock_fd, -1, s->workers,
	    s->core };
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return err_errno(err, "a socket to a supervisor");
	fflush(NULL);
	slot->supervisor = fork();
	if (slot->supervisor == 0) {
		if (s->forked != NULL)
			s->forked(s->ctx);
		setup.socket_fd = fds[1];
		supervisor_main(&setup);
	}
	close(fds[1]);
	if (slot->supervisor < 0) {
		close(fds[0]);
		return err_errno(err, "a supervisor");
	}
	slot->socket = fds[0];
	loop_add(s->loop, slot->socket, on_socket, slot);
	return 0;
}

static struct slot *
make_slot(struct slots *s, struct err *err)
{
	struct slot *slot = xcalloc(1, sizeof *slot);
	int slot_fd, lock_fd = -1, result = -1;

	slot->all = s;
	slot->number = s->spare.n > 0 ? s->spare.v[--s->spare.n] : s->next++;
	slot_fd = open_slot(s, slot->number, err);
	if (slot_fd >= 0)
		lock_fd = lock_slot(slot_fd, slot->number, err);
	if (lock_fd >= 0)
		result = fork_supervisor(slot, slot_fd, lock_fd, err);
	if (lock_fd >= 0)
		close(lock_fd);
	if (slot_fd >= 0)
		close(slot_fd);
	if (result != 0) {
		free(slot);
		return NULL;
	}
	vec_push(&s->list, slot);
	return slot;
}

struct slot *
slots_take(struct slots *s,
    void (*done)(struct slot *slot, const struct job_result *r, void *ctx),
    void *ctx, struct err *err)
{
	struct slot *slot = NULL;
	size_t i;

	for (i = 0; i < s->list.n && slot == NULL; i++)
		if (!s->list.v[i]->taken && !s->list.v[i]->retired)
			slot = s->list.v[i];
	if (slot == NULL)
		slot = make_slot(s, err);
	if (slot == NULL)
		return NULL;
	slot->taken = true;
	slot->done = done;
	slot->ctx = ctx;
	return slot;
}

int
slot_number(const struct slot *slot)
{
	return slot->number;
}

static int
send_all(int fd, const void *p, size_t n)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		p = (const char *)p + w;
		n -= (size_t)w;
	}
	return 0;
}

int
slot_start(struct slot *slot, const struct job_spec *spec,
    const char nonce[NONCE_HEX + 1], struct err *err)
{
	struct buf bytes = BUF_INIT(UINT32_MAX);
	struct message m = { .type = MESSAGE_START };
	int result;

	buf_add(&bytes, &m, sizeof m);
	job_spec_pack(spec, &bytes);
	m.len = (uint32_t)(bytes.len - sizeof m);
	memcpy(m.nonce, nonce, sizeof m.nonce);
	memcpy(bytes.data, &m, sizeof m);
	slot->running = true;
	result = slot->socket < 0 ? -1 :
	    send_all(slot->socket, bytes.data, bytes.len);
	explicit_bzero(bytes.data, bytes.len);
	buf_free(&bytes);
	if (result != 0) {
		slot->running = false;
		return err_set(err, "the supervisor of slot %d is gone",
		    slot->number);
	}
	return 0;
}

void
slot_stop(struct slot *slot, nsec grace)
{
	struct message m = { .type = MESSAGE_STOP, .grace = grace };

	if (slot->socket >= 0)
		send_all(slot->socket, &m, sizeof m);
}

/* Raw output stays in a slot only until it was collected (S10). */
static void
empty_file(int dirfd, int number, const char *file)
{
	char name[32];
	int fd;

	snprintf(name, sizeof name, "%d/%s", number, file);
	fd = openat(dirfd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (ftruncate(fd, 0) != 0)
		unlinkat(dirfd, name, 0);
	close(fd);
}

static void
empty_files(int dirfd, int number)
{
	empty_file(dirfd, number, "out");
	empty_file(dirfd, number, "err");
}

void
slot_release(struct slot *slot)
{
	slot->taken = false;
	if (slot->printed)
		empty_files(slot->all->dirfd, slot->number);
	slot->printed = false;
	if (slot->left_behind) {
		/* what was left may write to its files at any time */
		slot->retired = true;
		disconnect(slot);
	}
}

void
slots_adopt_empty(struct slots *s, int number)
{
	size_t i;

	for (i = 0; i < s->spare.n; i++)
		if (s->spare.v[i] == number)
			return;
	/* a supervisor that is about to end still holds it; the directory is
	 * then left alone, but what it printed goes */
	empty_files(s->dirfd, number);
	if (slot_is_free(s->dirfd, number) == 1)
		vec_push(&s->spare, number);
}

/* ---- output */

int
slot_open(const struct slots *s, int number, int which, struct err *err)
{
	char name[32];
	int fd;

	snprintf(name, sizeof name, "%d/%s", number,
	    which == 1 ? "out" : "err");
	fd = openat(s->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "the output in job/%s", name);
	return fd;
}

int
slot_read(const struct slots *s, int number, int which, off_t from,
    off_t to, struct buf *out, struct err *err)
{
	int fd = slot_open(s, number, which, err);
	char chunk[65536];
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (from < to && !out->cut && (n = pread_all(fd, chunk,
	    to - from < (off_t)sizeof chunk ? (size_t)(to - from) :
	    sizeof chunk, from)) > 0) {
		buf_add(out, chunk, (size_t)n);
		from += n;
	}
	close(fd);
	return n < 0 ? err_errno(err, "the output in slot %d", number) : 0;
}
