/* The worker of the copy kind. */
#ifndef CAIRN_KIND_COPY_H
#define CAIRN_KIND_COPY_H

#include <stddef.h>

/* Begins the name of what is not yet whole, in the target's directory. */
#define COPY_PART ".cairn-part-"

/* Request, a map: from to (absolute paths), mode (int, or null: the source's),
 * sha256 (or null), part (how this step's temporary names begin). Result:
 * bytes sha256 files, or error. */
int copy_worker(const char *request, size_t n);

#endif
