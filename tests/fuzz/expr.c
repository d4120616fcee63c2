/* Any text is an expression or an error with a place; evaluated, it ends with
 * a value that can be shown, or an error. */
#include <stdint.h>
#include <stdlib.h>

#include "fuzz_scalar.h"

#include "book/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct scalar s;
	struct scope scope = { .get = fuzz_get };
	struct err err = ERR_INIT;
	struct expr *e;
	struct value v;

	if (scalar_init(&s, p, n)) {
		e = expr_parse(s.arena, &s.node, 0, s.node.len, &err);
		if (e == NULL && !err.set)
			abort();
		if (e != NULL && expr_eval(e, &scope, s.arena, &v, &err) == 0)
			fuzz_show(v);
		else if (!err.set)
			abort();
		fuzz_print(&err);
		err_free(&err);
	}
	scalar_free(&s);
	return 0;
}
