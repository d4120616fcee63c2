/* Options and operands, as getopt(3) and its cousins see them. */
#include "book/interpreters_private.h"

#include <string.h>

static bool has_letter(const char *letters, char c)
{
	return letters && c && strchr(letters, c);
}

static bool has_long(const char *list, const struct word *w)
{
	const char *equals = memchr(w->text, '=', w->len);
	struct word name = *w;

	if (equals)
		name.len = (size_t)(equals - w->text);
	return list && word_in(&name, list);
}

/* `next`: the argument of the option stands in the next word. */
static enum arg long_option(const struct program *p, const struct word *w,
    bool *next)
{
	*next = !memchr(w->text, '=', w->len);
	if (has_long(p->code_long, w))
		return ARG_CODE;
	if (has_long(p->file_long, w))
		return ARG_FILE;
	if (!has_long(p->with_arg_long, w))
		*next = false;
	return ARG_OPTION;
}

static enum arg short_options(const struct program *p, const struct word *w,
    bool *next)
{
	size_t k;

	for (k = 1; k < w->len; k++) {
		*next = k + 1 == w->len;
		if (has_letter(p->code, w->text[k]))
			return ARG_CODE;
		if (has_letter(p->file, w->text[k]))
			return ARG_FILE;
		if (has_letter(p->with_arg, w->text[k]))
			return ARG_OPTION;
		if (has_letter(p->attached, w->text[k]))
			break;
	}
	*next = false;
	return ARG_OPTION;
}

/* sh -eo pipefail -c 'code': -c takes no argument, the code is an operand. */
static enum arg shell_options(const struct program *p, const struct word *w,
    bool *next)
{
	enum arg arg = ARG_OPTION;
	size_t k;

	for (k = 1; k < w->len; k++) {
		if (has_letter(p->code, w->text[k]) && w->text[0] == '-')
			arg = ARG_CODE;
		if (has_letter(p->with_arg, w->text[k]))
			*next = true;
	}
	return arg;
}

static bool is_option(const struct walk *k, const struct word *w)
{
	if (k->rest || w->len < 2)
		return false;
	return w->text[0] == '-' ||
	    (w->text[0] == '+' && k->p->rule == RULE_SHELL);
}

static enum arg walk_option(struct walk *k, size_t *at)
{
	const struct word *w = &k->w[*at];
	bool next = false;
	enum arg arg;

	if (w->text[0] == '-' && w->text[1] == '-')
		arg = long_option(k->p, w, &next);
	else if (k->p->rule == RULE_SHELL)
		arg = shell_options(k->p, w, &next);
	else
		arg = short_options(k->p, w, &next);
	if (next && k->i < k->n) {
		if (arg != ARG_OPTION && k->p->rule != RULE_SHELL)
			*at = k->i;
		k->i++;
	}
	if (arg == ARG_FILE && k->p->stops)
		k->rest = true;
	return arg;
}

enum arg walk_next(struct walk *k, size_t *at)
{
	if (k->i < k->n && !k->rest && word_is(&k->w[k->i], "--")) {
		k->rest = true;
		k->i++;
	}
	if (k->i >= k->n)
		return ARG_OVER;
	*at = k->i++;
	if (is_option(k, &k->w[*at]))
		return walk_option(k, at);
	if (k->p->stops)
		k->rest = true;
	return ARG_OPERAND;
}
