/* Shell text and argument lists: where a value may stand, and how it gets
 * there without ever being code (language.md 3, security.md V3-V6). */
#ifndef CAIRN_BOOK_SHELL_H
#define CAIRN_BOOK_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#include "book/text.h"

struct errs;

/* Shell text, compiled: what the shell reads, with a reference to a variable
 * in place of every expression. Variable i is named CAIRN_<i+1> and is set,
 * not exported, at the head of the script. */
struct shell_text {
	const char *script;           /* without the assignments */
	size_t len;
	struct expr **values;         /* value of variable i */
	size_t n;
};

/* Compiles a text. Errors (all of them): a quoted here-document, arithmetic,
 * a subscript, after "\" or "$", inside $'…', left of "=", a name position,
 * text that a known interpreter reads again (`sh -c '…'`, ssh, su -c, eval,
 * psql -c, awk, sed, find -exec …); each names the way out (env:, stdin:, a
 * script file, sh -c '… "$1"' sh ${{ x }}). */
int shell_compile(struct arena *arena, const struct text *t,
    struct shell_text *out, struct errs *errs);

/* The script that is sent: assignments of the values, each quoted, `set -e`,
 * then the script. A value with NUL, null, list, map, unknown, or a secret is
 * an error at its place. */
int shell_script(const struct shell_text *s, const struct scope *scope,
    struct arena *a, struct value *script, struct err *err);

/* Argument lists: an element that is one expression and yields a list is
 * spliced, null vanishes, a string that begins with "-" needs opt(), "--"
 * before it, or to be a literal of the book. A secret is an error. */
int argv_eval(struct text *const *elements, size_t n,
    const struct scope *scope, struct arena *a, struct value *list,
    struct err *err);
/* The table of second interpreters, for lists: an expression inside an
 * argument that the program reads as code is an error. */
void argv_check(struct text *const *elements, size_t n, struct errs *errs);
/* Does the program of the list run what it reads from its input (sh, psql,
 * ssh without a command)? Then no expression may stand in a text of stdin. */
bool argv_reads_code(struct text *const *elements, size_t n);

/* A destroying step (V5): refuses null, empty, blank, ".", "..", "/", an empty
 * list, and with `url` also "*", ",", "_all", unless marked by wild(). */
int wild_check(struct value v, bool url, struct mark mark, struct err *err);

/* Does the text hold a word that destroys (rm -r, drop, truncate, --commit …)?
 * Returns the word as a static string, or NULL (language.md 6). */
const char *destroying_word(const char *s, size_t n);
/* The same from byte *at on; *at becomes the place of the word. Names inside
 * ${{ }} and lines that are comments do not count. */
const char *destroying_word_from(const char *s, size_t n, size_t *at);
/* The same for an argument list. */
const char *destroying_word_argv(struct text *const *elements, size_t n);
/* "# lint: ok reason" at the end of the line of `mark` or alone on the line
 * above it, read from the source. */
bool lint_ok_comment(struct mark mark);

#endif
