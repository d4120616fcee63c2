/* One poll loop: descriptors and signals in, the next deadline as time-out.
 * It holds no timers of its own: the engine's watches say when to wake. */
#ifndef CAIRN_BASE_LOOP_H
#define CAIRN_BASE_LOOP_H

#include <signal.h>
#include <stdbool.h>

#include "base/str.h"

struct loop;

struct loop *loop_new(void);
void loop_free(struct loop *l);
/* Calls fn when fd is readable or hung up. One callback a descriptor. */
void loop_add(struct loop *l, int fd, void (*fn)(int fd, void *ctx), void *ctx);
void loop_remove(struct loop *l, int fd);
/* Blocks these signals and delivers them through a signalfd. */
void loop_signals(struct loop *l, const int *signals, size_t n,
    void (*fn)(int sig, void *ctx), void *ctx);
/* Waits at most `timeout` ns (negative: for ever), then calls the callbacks of
 * all that is ready. Removing and adding inside a callback is fine. */
void loop_turn(struct loop *l, nsec timeout);
/* In a forked child: closes what the loop opened, gives back the signal mask
 * that was in force before loop_signals. */
void loop_forked(struct loop *l);

#endif
