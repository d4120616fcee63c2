/* Any text is refused as shell text, or compiled to a script in which no
 * value stands outside its quotes: a value that would run "touch" if it were
 * code appears only in the assignments. */
#include <stdint.h>
#include <stdlib.h>

#include "fuzz_scalar.h"

#include "base/err.h"
#include "book/shell.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct scalar s;
	struct scope scope = { .get = fuzz_get };
	struct err err = ERR_INIT;
	struct errs errs = { 0 };
	struct shell_text shell;
	struct value script;
	struct text *t;

	if (scalar_init(&s, p, n) &&
	    (t = text_parse(s.arena, &s.node, &err)) != NULL) {
		if (shell_compile(s.arena, t, &shell, &errs) != 0) {
			if (errs.list.n == 0)
				abort();
		} else {
			/* values come in by assignments alone */
			if (memmem(shell.script, shell.len, FUZZ_VALUE,
			    strlen(FUZZ_VALUE)) != NULL && memmem(p, n,
			    FUZZ_VALUE, strlen(FUZZ_VALUE)) == NULL)
				abort();
			if (shell_script(&shell, &scope, s.arena, &script,
			    &err) == 0)
				fuzz_show(script);
		}
	}
	fuzz_print(&err);
	err_free(&err);
	errs_free(&errs);
	scalar_free(&s);
	return 0;
}
