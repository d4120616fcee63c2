/* Any line is a record or refused with a reason; records are folded until one
 * contradicts those before. What the scanner saw is what a parser sees. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "journal/fold.h"
#include "journal/record.h"

static void same_number(const struct record *r, const json_t *p)
{
	json_t *attempt = json_object_get(p, "attempt");
	int64_t n;

	if (record_member_int(r, "attempt", &n) && (!json_is_integer(attempt) ||
	    json_integer_value(attempt) != n))
		abort();
}

/* False: the journal ends here. */
static bool take(struct fold *f, const char *line, size_t n)
{
	struct err err = ERR_INIT;
	struct record r;
	bool taken = false;
	json_t *p;

	if (record_scan(line, n, &r, &err) == 0) {
		if (r.step < line || r.step + r.step_len > line + n)
			abort();
		p = record_parse(&r, &err);
		if (p != NULL) {
			same_number(&r, p);
			taken = fold_apply(f, &r, &err) == 0;
		}
		json_decref(p);
	}
	if (taken == err.set)
		abort();
	err_free(&err);
	return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct fold *f = fold_new();
	const char *at = (const char *)p, *end = at + n, *newline;
	size_t i;

	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) !=
	    NULL && take(f, at, (size_t)(newline - at)))
		at = newline + 1;
	for (i = 0; i < fold_count(f); i++)
		if (fold_find(f, fold_at(f, i)->address) != fold_at(f, i))
			abort();
	run_state_name(fold_state(f));
	fold_free(f);
	return 0;
}
