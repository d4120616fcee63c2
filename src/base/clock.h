/* The clocks and the identity of this boot, behind a pointer for tests. */
#ifndef CAIRN_BASE_CLOCK_H
#define CAIRN_BASE_CLOCK_H

#include "base/str.h"

struct clock {
	nsec (*mono)(void *ctx);               /* never goes back; one boot */
	nsec (*wall)(void *ctx);               /* since 1970, UTC */
	const char *(*boot)(void *ctx);        /* boot id of this machine */
	void *ctx;
};

/* The real one. The boot id is read once. */
const struct clock *clock_real(void);
nsec clock_mono(const struct clock *c);
nsec clock_wall(const struct clock *c);
const char *clock_boot(const struct clock *c);

#endif
