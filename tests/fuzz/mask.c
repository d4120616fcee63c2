/* Two secrets and a text, all from the input: in chunks the text is masked as
 * in one piece, and where none is found nothing changes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mask.h"

static void in_chunks(const struct mask *m, struct buf *out, const char *s,
    size_t n, size_t step)
{
	struct mask_stream *st = mask_stream_new(m);
	size_t at;

	for (at = 0; at < n; at += step)
		mask_stream_add(st, out, s + at, step < n - at ? step : n - at);
	mask_stream_end(st, out);
	mask_stream_free(st);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf whole = BUF_INIT(MIB), parts = BUF_INIT(MIB);
	struct mask *m = mask_new();
	const char *s = (const char *)p + 2, *name;
	size_t key, len;

	if (n >= 2) {
		key = p[0] % 40 < n - 2 ? p[0] % 40 : n - 2;
		mask_add(m, "a", s, key, false);
		mask_add(m, "b", s + key / 2, key - key / 2, false);
		len = n - 2 - key;
		mask_text(m, &whole, s + key, len);
		in_chunks(m, &parts, s + key, len, p[1] % 9 + 1);
		if (whole.len != parts.len ||
		    memcmp(whole.data, parts.data, whole.len) != 0)
			abort();
		if (!mask_finds(m, s + key, len, &name) &&
		    (whole.len != len ||
		    memcmp(whole.data, s + key, len) != 0))
			abort();
	}
	mask_free(m);
	buf_free(&whole);
	buf_free(&parts);
	return 0;
}
