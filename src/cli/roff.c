#include "cli/roff.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

static const struct { const char *from, *to; } special[] = {
	{ "\\", "\\e" }, { "-", "\\-" }, { "'", "\\(aq" }, { "\"", "\\(dq" },
	{ "^", "\\(ha" }, { "~", "\\(ti" }, { "`", "\\(ga" }, { "…", "..." },
	{ "→", "\\(->" }, { "·", "\\(bu" }, { "—", "\\(em" }, { "\n", " " },
};
#define SPECIAL (sizeof special / sizeof *special)

/* Adds what stands at `s`; how much of it was taken. */
static size_t
add_one(struct buf *out, const char *s)
{
	size_t i;

	for (i = 0; i < SPECIAL; i++) {
		size_t n = strlen(special[i].from);

		if (strncmp(s, special[i].from, n) == 0) {
			buf_adds(out, special[i].to);
			return n;
		}
	}
	buf_addc(out, *s);
	return 1;
}

static void
add_text(struct buf *out, const char *s)
{
	bool bold = false;

	while (*s != '\0') {
		if (*s == '`' && (bold || strchr(s + 1, '`') != NULL)) {
			bold = !bold;
			buf_adds(out, bold ? "\\fB" : "\\fR");
			s++;
		} else {
			s += add_one(out, s);
		}
	}
}

void
roff_text(struct buf *out, const char *text)
{
	if (*text == '.')
		buf_adds(out, "\\&");
	add_text(out, text);
	buf_addc(out, '\n');
}

void
roff_macro(struct buf *out, const char *macro, const char *text)
{
	buf_addf(out, "%s \"", macro);
	add_text(out, text);
	buf_adds(out, "\"\n");
}
