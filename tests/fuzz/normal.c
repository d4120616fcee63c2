/* Any output is normalised to text without escape sequences or lone carriage
 * returns, and normalising that again changes nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "engine/normal.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf once = BUF_INIT(MIB), twice = BUF_INIT(MIB);

	normal_text(&once, (const char *)p, n);
	normal_text(&twice, once.data, once.len);
	if (once.len > n || once.len != twice.len ||
	    memcmp(once.data, twice.data, once.len) != 0 ||
	    memchr(once.data, '\r', once.len) != NULL)
		abort();
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
