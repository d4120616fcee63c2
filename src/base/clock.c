#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/xalloc.h"

#define BOOT_MAX 40

static nsec read_clock(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) < 0)
		BUG("clock_gettime: %s", strerror(errno));
	return (nsec)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* CLOCK_BOOTTIME: a laptop that slept has not stopped the world's time. */
static nsec real_mono(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_BOOTTIME);
}

static nsec real_wall(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_REALTIME);
}

static const char *real_boot(void *ctx)
{
	char *id = ctx;
	ssize_t n;
	int fd;

	if (*id)
		return id;
	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, id, BOOT_MAX - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return strcpy(id, "unknown");
	id[strcspn(id, "\n")] = '\0';
	return id;
}

const struct clock *clock_real(void)
{
	/* written once: this boot stays this boot */
	static char real[BOOT_MAX];
	static const struct clock table = { real_mono, real_wall, real_boot,
		real };

	return &table;
}

nsec clock_mono(const struct clock *c)
{
	return c->mono(c->ctx);
}

nsec clock_wall(const struct clock *c)
{
	return c->wall(c->ctx);
}

const char *clock_boot(const struct clock *c)
{
	return c->boot(c->ctx);
}
