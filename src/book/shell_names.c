/* Commands that take the name of a variable: bash runs code that stands in
 * the subscript of such a name. */
#include "book/shell_private.h"

#include <string.h>

const struct refusal refusal_name = {
	"a value cannot be the name of a variable or a function",
	"write the name out, or choose with \"case\"",
};
const struct refusal refusal_left = {
	"a value cannot stand left of \"=\"",
	"write the name of the variable out, or use env:",
};

/* One row a builtin. Options of `with_arg` are followed by an argument that
 * is no name. */
struct builtin {
	const char *names;
	const char *with_arg;
	size_t skip;                  /* operands that are no names */
	bool assigns;                 /* only what stands left of "=" */
	const struct refusal *why;
};

static const struct builtin builtins[] = {
	{ "export readonly", "", 0, true, &refusal_name },
	{ "local declare typeset", "", 0, true, &refusal_name },
	{ "unset", "", 0, false, &refusal_name },
	{ "read", "dinNptu", 0, false, &refusal_name },
	{ "mapfile readarray", "dnOsuc", 0, false, &refusal_name },
	{ "getopts", "", 1, false, &refusal_name },
	{ "let", "", 0, false, &refusal_arithmetic },
};

static const struct builtin *find(const struct word *w)
{
	size_t i;

	for (i = 0; i < sizeof builtins / sizeof *builtins; i++) {
		if (word_in(w, builtins[i].names))
			return &builtins[i];
	}
	return NULL;
}

static bool is_option(const struct word *w)
{
	return w->len > 1 && (w->text[0] == '-' || w->text[0] == '+');
}

/* Does the option take the next word? */
static bool takes_next(const struct word *w, const char *with_arg)
{
	return is_option(w) && w->text[w->len - 1] &&
	    strchr(with_arg, w->text[w->len - 1]);
}

static bool names_a_value(const struct word *w, bool assigns)
{
	const char *equals = assigns ? memchr(w->text, '=', w->len) : NULL;

	return memchr(w->text, WORD_VALUE,
	    equals ? (size_t)(equals - w->text) : w->len) != NULL;
}

static void check_names(struct lexer *lx, const struct builtin *b,
    const struct word *w, size_t n)
{
	size_t i, skip = b->skip;

	for (i = 1; i < n; i++) {
		if (takes_next(&w[i], b->with_arg)) {
			i++;
			continue;
		}
		if (!is_option(&w[i]) && skip) {
			skip--;
			continue;
		}
		if (names_a_value(&w[i], b->assigns))
			sh_refuse_range(&lx->exprs, w[i].from, w[i].to, b->why);
	}
}

/* declare -i computes what it is given, declare -n makes it a name. */
static void check_computed(struct lexer *lx, const struct word *w, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (is_option(&w[i]) && (memchr(w[i].text, 'i', w[i].len) ||
		    memchr(w[i].text, 'n', w[i].len)))
			sh_refuse_range(&lx->exprs, w[0].from, w[n - 1].to,
			    &refusal_arithmetic);
	}
}

/* The word behind option `option` is a name: test -v, printf -v, wait -p. */
static void check_option(struct lexer *lx, const struct word *w, size_t n,
    const char *options)
{
	size_t i;

	for (i = 0; i + 1 < n; i++) {
		if (word_in(&w[i], options))
			sh_refuse_range(&lx->exprs, w[i + 1].from, w[i + 1].to,
			    &refusal_name);
	}
}

void sh_names_check(struct lexer *lx, const struct word *w, size_t n)
{
	size_t at = interpreters_program(w, n);
	const struct builtin *b = at < n ? find(&w[at]) : NULL;

	if (at == n)
		return;
	if (word_in(&w[at], "local declare typeset"))
		check_computed(lx, w + at, n - at);
	if (b)
		check_names(lx, b, w + at, n - at);
	if (word_in(&w[at], "test ["))
		check_option(lx, w + at, n - at, "-v -R");
	if (word_in(&w[at], "printf wait") && at + 1 < n)
		check_option(lx, w + at + 1, n - at - 1 < 2 ? n - at - 1 : 2,
		    "-v -p");
}

void sh_condition_check(struct lexer *lx, const struct word *w, size_t n)
{
	size_t i;

	check_option(lx, w, n, "-v -R");
	for (i = 1; i + 1 < n; i++) {
		if (!word_in(&w[i], "-eq -ne -lt -le -gt -ge"))
			continue;
		sh_refuse_range(&lx->exprs, w[i - 1].from, w[i - 1].to,
		    &refusal_arithmetic);
		sh_refuse_range(&lx->exprs, w[i + 1].from, w[i + 1].to,
		    &refusal_arithmetic);
	}
}
