/* A vfs on the real file system that fails or stops the world at operation n.
 *
 * It counts what changes something (an open only when it may create). When the
 * world stops, the process ends, after the files on disk were made to look as
 * a power cut could leave them: what was not synced is there, gone, cut at any
 * byte, or there in some sectors with NUL bytes between; names that were not
 * synced with their directory may be as before. What stood before a sync that
 * failed never reaches the disk by a later sync, though reading shows it. */
#ifndef CAIRN_TESTS_VFS_FAULTY_H
#define CAIRN_TESTS_VFS_FAULTY_H

#include <stdbool.h>
#include <stdint.h>

#include "journal/vfs.h"

#define FAULTY_EXIT 42         /* how the process ends when the world stops */

struct faulty;

struct faulty *faulty_new(uint64_t seed);
void faulty_free(struct faulty *f);
const struct vfs *faulty_vfs(struct faulty *f);
/* Operation n (from 1) and, with `on`, all after it fail. A write that fails
 * leaves a part behind. */
void faulty_fail(struct faulty *f, unsigned n, int error, bool on);
/* The world stops in the middle of operation n. */
void faulty_crash(struct faulty *f, unsigned n);
/* Only syncs are counted from now on. */
void faulty_count_syncs(struct faulty *f);
unsigned faulty_count(const struct faulty *f);
_Noreturn void faulty_stop_world(struct faulty *f);

/* The same numbers for the same seed everywhere. */
uint64_t faulty_random(uint64_t *state);

#endif
