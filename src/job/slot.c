#include "job/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "job/slot_files.h"
#include "job/supervisor.h"

/* A spec of megabytes does not fit into the socket's buffer: how long a
 * supervisor may be suspended before it counts as gone. */
#define SEND_SECONDS 30

enum slot_state {
	SLOT_IDLE,       /* nobody has it */
	SLOT_TAKEN,      /* no job was handed over */
	SLOT_BUSY,       /* a job was handed over, `done` not called yet */
	SLOT_OVER,       /* `done` was called */
};

struct slot {
	struct slots *s;
	int number;
	enum slot_state state;
	pid_t supervisor;
	int socket;              /* -1: the supervisor is gone */
	int out, err;            /* for reading and emptying */
	bool left_behind;
	void (*done)(struct slot *slot, const struct job_result *r, void *ctx);
	void *ctx;
};

struct slots {
	int job_dirfd;
	struct loop *loop;
	const struct worker *workers;
	void (*forked)(void *ctx);
	void *ctx;
	struct rlimit core;
	VEC(struct slot *) list;
	VEC(int) empty;          /* adopted: may be used again */
	VEC(pid_t) leaving;      /* supervisors whose end is not seen yet */
	int next;                /* the lowest number that was not tried */
};

struct slots *slots_new(int job_dirfd, struct loop *loop,
    const struct worker *workers, void (*forked)(void *ctx), void *ctx)
{
	struct slots *s = xcalloc(1, sizeof *s);

	s->job_dirfd = job_dirfd;
	s->loop = loop;
	s->workers = workers;
	s->forked = forked;
	s->ctx = ctx;
	s->next = 1;
	getrlimit(RLIMIT_CORE, &s->core);
	return s;
}

/* ---- the end of a supervisor */

static void reap(struct slots *s)
{
	size_t i, kept = 0;

	for (i = 0; i < s->leaving.n; i++) {
		if (waitpid(s->leaving.v[i], NULL, WNOHANG) == 0)
			s->leaving.v[kept++] = s->leaving.v[i];
	}
	s->leaving.n = kept;
}

/* From now on it ends as soon as its job has. */
static void let_go(struct slot *slot)
{
	if (slot->socket < 0)
		return;
	loop_remove(slot->s->loop, slot->socket);
	close(slot->socket);
	slot->socket = -1;
	vec_push(&slot->s->leaving, slot->supervisor);
}

static void slot_free(struct slot *slot)
{
	struct slots *s = slot->s;
	size_t i = 0;

	let_go(slot);
	while (s->list.v[i] != slot)
		i++;
	memmove(&s->list.v[i], &s->list.v[i + 1],
	    (--s->list.n - i) * sizeof *s->list.v);
	close(slot->out);
	close(slot->err);
	free(slot);
}

void slots_free(struct slots *s)
{
	if (!s)
		return;
	while (s->list.n > 0)
		slot_free(s->list.v[s->list.n - 1]);
	reap(s);
	vec_free(&s->list);
	vec_free(&s->empty);
	vec_free(&s->leaving);
	free(s);
}

/* ---- the end of a job */

static void over(struct slot *slot, const struct job_result *r)
{
	slot->state = SLOT_OVER;
	slot->left_behind = r->left_behind;
	/* the slot may not exist any more when this returns */
	slot->done(slot, r, slot->ctx);
}

static void supervisor_gone(struct slot *slot)
{
	struct job_result lost = { .outcome = JOB_LOST };

	let_go(slot);
	if (slot->state == SLOT_BUSY)
		over(slot, &lost);
	else if (slot->state == SLOT_IDLE)
		slot_free(slot);
}

static void on_socket(int fd, void *ctx)
{
	struct slot *slot = ctx;
	struct job_result r;
	ssize_t n = recv(fd, &r, sizeof r, MSG_DONTWAIT);

	if (n == (ssize_t)sizeof r && slot->state == SLOT_BUSY)
		over(slot, &r);
	else if (n >= 0 || (errno != EAGAIN && errno != EINTR))
		supervisor_gone(slot);
}

/* ---- making a slot */

static int open_any(struct slots *s, struct slot *slot, int fds[FD_COUNT],
    struct err *err)
{
	bool adopted;

	for (;;) {
		adopted = s->empty.n > 0;
		slot->number = adopted ? s->empty.v[--s->empty.n] : s->next++;
		if (slot_make(s->job_dirfd, slot->number, adopted, fds) == 0)
			break;
		if (!adopted && errno != EEXIST && errno != EWOULDBLOCK)
			return err_errno(err, "cannot make the slot job/%d, "
			    "in which a job would run", slot->number);
	}
	slot->out = slot_path(s->job_dirfd, slot->number, "out", O_RDWR);
	slot->err = slot_path(s->job_dirfd, slot->number, "err", O_RDWR);
	if (slot->out >= 0 && slot->err >= 0)
		return 0;
	slot_close(fds);
	return err_errno(err, "cannot open the files of job/%d", slot->number);
}

/* Returns in the driver only. */
static int fork_supervisor(struct slots *s, struct slot *slot,
    int fds[FD_COUNT])
{
	struct timeval patience = { .tv_sec = SEND_SECONDS };
	struct supervisor_setup setup = { .workers = s->workers,
	    .core = s->core };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	slot->socket = pair[0];
	fds[FD_SOCKET] = pair[1];
	setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience,
	    sizeof patience);
	slot->supervisor = fork();
	if (slot->supervisor == 0) {
		if (s->forked)
			s->forked(s->ctx);
		memcpy(setup.fds, fds, sizeof setup.fds);
		supervisor_main(&setup);
	}
	return slot->supervisor < 0 ? -1 : 0;
}

static struct slot *make(struct slots *s, struct err *err)
{
	struct slot *slot = xcalloc(1, sizeof *slot);
	int fds[FD_COUNT];

	slot->s = s;
	slot->socket = slot->out = slot->err = -1;
	if (open_any(s, slot, fds, err) < 0)
		goto fail;
	if (fork_supervisor(s, slot, fds) < 0) {
		err_errno(err, "cannot make a supervisor for the slot job/%d",
		    slot->number);
		slot_close(fds);
		goto fail;
	}
	/* the lock is the supervisor's alone */
	slot_close(fds);
	loop_add(s->loop, slot->socket, on_socket, slot);
	vec_push(&s->list, slot);
	return slot;
fail:
	close(slot->socket);
	close(slot->out);
	close(slot->err);
	free(slot);
	return NULL;
}

/* ---- taking and giving back */

static bool is_alive(const struct slot *slot)
{
	char c;

	return recv(slot->socket, &c, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	    (errno == EAGAIN || errno == EINTR);
}

static struct slot *find_idle(struct slots *s)
{
	size_t i = 0;

	while (i < s->list.n) {
		struct slot *slot = s->list.v[i];

		if (slot->state != SLOT_IDLE) {
			i++;
			continue;
		}
		if (is_alive(slot))
			return slot;
		slot_free(slot);
	}
	return NULL;
}

struct slot *slots_take(struct slots *s,
    void (*done)(struct slot *slot, const struct job_result *r, void *ctx),
    void *ctx, struct err *err)
{
	struct slot *slot = find_idle(s);

	if (!slot) {
		reap(s);
		slot = make(s, err);
	}
	if (!slot)
		return NULL;
	slot->state = SLOT_TAKEN;
	slot->left_behind = false;
	slot->done = done;
	slot->ctx = ctx;
	return slot;
}

int slot_number(const struct slot *slot)
{
	return slot->number;
}

void slot_release(struct slot *slot)
{
	if (slot->state == SLOT_BUSY)
		BUG("slot %d is given back while its job runs", slot->number);
	slot_empty(slot->out);
	slot_empty(slot->err);
	if (slot->socket < 0 || slot->left_behind)
		slot_free(slot);
	else
		slot->state = SLOT_IDLE;
}

/* ---- talking to the supervisor */

static int send_all(int fd, struct iovec *iov, int n)
{
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = (size_t)n };
	ssize_t sent;

	while (m.msg_iovlen > 0) {
		sent = sendmsg(fd, &m, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -1;
		for (; m.msg_iovlen > 0 &&
		    (size_t)sent >= m.msg_iov->iov_len; m.msg_iovlen--)
			sent -= (ssize_t)m.msg_iov++->iov_len;
		if (m.msg_iovlen > 0) {
			m.msg_iov->iov_base =
			    (char *)m.msg_iov->iov_base + sent;
			m.msg_iov->iov_len -= (size_t)sent;
		}
	}
	return 0;
}

static int send_start(int fd, const struct job_spec *spec, const char *nonce)
{
	struct message m = { .kind = MESSAGE_START };
	struct buf bytes = BUF_INIT((size_t)-2);
	struct iovec iov[2] = { { &m, sizeof m }, { NULL, 0 } };
	int result, saved;

	job_spec_pack(spec, &bytes);
	m.size = iov[1].iov_len = bytes.len;
	iov[1].iov_base = bytes.data;
	memcpy(m.nonce, nonce, sizeof m.nonce);
	result = send_all(fd, iov, 2);
	saved = errno;
	explicit_bzero(bytes.data, bytes.len);
	buf_free(&bytes);
	errno = saved;
	return result;
}

int slot_start(struct slot *slot, const struct job_spec *spec,
    const char nonce[NONCE_HEX + 1], struct err *err)
{
	if (slot->state != SLOT_TAKEN)
		BUG("slot %d cannot start a job", slot->number);
	if (slot->socket >= 0 && send_start(slot->socket, spec, nonce) == 0) {
		slot->state = SLOT_BUSY;
		return 0;
	}
	if (slot->socket < 0)
		errno = EPIPE;
	err_errno(err, "the supervisor of the slot job/%d is gone",
	    slot->number);
	/* half a message is none, once nothing can follow */
	let_go(slot);
	return -1;
}

void slot_stop(struct slot *slot, nsec grace)
{
	struct message m = { .kind = MESSAGE_STOP, .grace = grace };

	if (slot->state == SLOT_BUSY && slot->socket >= 0)
		send(slot->socket, &m, sizeof m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* ---- output */

static struct slot *find(const struct slots *s, int number)
{
	size_t i;

	for (i = 0; i < s->list.n; i++) {
		if (s->list.v[i]->number == number)
			return s->list.v[i];
	}
	return NULL;
}

int slot_open(const struct slots *s, int number, int which, struct err *err)
{
	int fd = slot_path(s->job_dirfd, number, slot_output(which), O_RDONLY);

	if (fd < 0)
		err_errno(err, "cannot open job/%d/%s", number,
		    slot_output(which));
	return fd;
}

static int read_range(int fd, off_t from, off_t to, struct buf *out)
{
	char chunk[16 * 1024];
	size_t room = out->max - out->len, want;
	ssize_t n;

	for (; from < to && room > 0; from += n, room -= (size_t)n) {
		want = to - from < (off_t)sizeof chunk ? (size_t)(to - from) :
		    sizeof chunk;
		n = pread_all(fd, chunk, want < room ? want : room, from);
		if (n <= 0)
			return (int)n;
		buf_add(out, chunk, (size_t)n);
	}
	return 0;
}

int slot_read(const struct slots *s, int number, int which, off_t from,
    off_t to, struct buf *out, struct err *err)
{
	const struct slot *slot = find(s, number);
	int fd, result;

	if (slot)
		fd = which == 2 ? slot->err : slot->out;
	else
		fd = slot_open(s, number, which, err);
	if (fd < 0)
		return -1;
	result = read_range(fd, from, to, out);
	if (result < 0)
		err_errno(err, "cannot read job/%d/%s", number,
		    slot_output(which));
	if (!slot)
		close(fd);
	return result;
}

/* ---- slots of earlier drivers */

/* Is it certain that no descendant of its last job lives? */
static bool is_reusable(const struct slot_look *l)
{
	if (l->held || !l->valid)
		return false;
	return strcmp(l->meta.boot, clock_boot(clock_real())) != 0 ||
	    l->meta.command.pid == 0 || (l->ended && !l->result.left_behind);
}

void slots_adopt_empty(struct slots *s, int number)
{
	struct slot *slot = find(s, number);
	struct slot_look l;
	size_t i;

	if (slot && slot->socket < 0)
		slot_free(slot);
	else if (slot)
		return;
	if (slot_look(s->job_dirfd, number, &l) < 0 || l.held)
		return;
	for (i = 0; i < s->empty.n; i++) {
		if (s->empty.v[i] == number)
			return;
	}
	if (is_reusable(&l))
		vec_push(&s->empty, number);
	slot_empty_files(s->job_dirfd, number);
}
