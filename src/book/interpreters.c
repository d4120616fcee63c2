/* The rules by which the table of programs is applied to words. */
#include "book/interpreters_private.h"

#include <string.h>
#include <strings.h>

#define FAR_WORDS 16           /* enough for sudo -u USER psql … */

static const struct refusal stdin_code = {
	AGAIN "the program runs what it reads from its input",
	"hand it over as an argument (sh -s -- ${{ x }} and \"$1\"; psql -v "
	"x=${{ x }} and :'x'), by env:, or use a script file",
};

static const struct refusal run_shell_command = {
	AGAIN "run-shell-command gives it to a shell again",
	"use a step of that host (host:), or a script file",
};
static const struct refusal ssh_command = {
	AGAIN "ssh gives the command of this option to a shell",
	"write it into ~/.ssh/config, or use jump: of the host",
};

static bool is_assignment(const struct word *w)
{
	const char *equals = memchr(w->text, '=', w->len);

	return equals && equals > w->text;
}

/* Index of the command behind a wrapper; n when there is none. Code that
 * stands in its own options is refused, when x is not NULL. */
static size_t wrapped(const struct program *p, const struct word *w,
    size_t n, const struct exprs *x)
{
	struct walk k = { .p = p, .w = w, .n = n, .i = 1 };
	size_t left = p->operands, at;
	enum arg arg;

	while ((arg = walk_next(&k, &at)) != ARG_OVER) {
		if (arg == ARG_CODE && x)
			sh_refuse_range(x, w[at].from, w[at].to, &p->why);
		if (arg != ARG_OPERAND)
			continue;
		if (p->assigns && is_assignment(&w[at]))
			continue;
		if (left == 0)
			return at;
		left--;
	}
	return n;
}

/* docker [options] exec [options] container command */
static size_t contained(const struct program *p, const struct word *w,
    size_t n)
{
	struct program inner = *p;
	size_t i;

	inner.operands = 1;
	for (i = 1; i < n; i++) {
		if (word_is(&w[i], "exec"))
			return i + wrapped(&inner, w + i, n - i, NULL);
	}
	return n;
}

/* runuser -u USER command: no shell, unlike su. */
static bool is_runuser(const struct word *w, size_t n)
{
	struct word name = program_base(w);
	size_t i;

	for (i = 1; i < n && word_is(&name, "runuser"); i++) {
		if (word_in(&w[i], "-u --user"))
			return true;
	}
	return false;
}

static size_t next_command(const struct program *p, const struct word *w,
    size_t n, const struct exprs *x)
{
	if (p->rule == RULE_WRAPPER || is_runuser(w, n))
		return wrapped(p, w, n, x);
	if (p->rule == RULE_CONTAINER)
		return contained(p, w, n);
	return n;
}

/* Only a value: it may yield no word at all, or an option. */
static bool is_only_value(const struct word *w)
{
	return w->len == 1 && w->text[0] == WORD_VALUE;
}

static void check_shell(const struct program *p, const struct word *w,
    size_t n, const struct exprs *x)
{
	struct walk k = { .p = p, .w = w, .n = n, .i = 1 };
	bool code = false;
	enum arg arg;
	size_t at;

	while ((arg = walk_next(&k, &at)) != ARG_OVER) {
		if (arg == ARG_CODE)
			code = true;
		if (arg != ARG_OPERAND)
			continue;
		if (code || w[at].process)
			sh_refuse_range(x, w[at].from, w[at].to, &p->why);
		if (!is_only_value(&w[at]))
			return;
	}
}

static bool brings_code(const struct program *p, const struct word *w,
    size_t n)
{
	struct walk k = { .p = p, .w = w, .n = n, .i = 1 };
	enum arg arg;
	size_t at;

	while ((arg = walk_next(&k, &at)) != ARG_OVER) {
		if (arg == ARG_CODE || arg == ARG_FILE)
			return true;
	}
	return false;
}

static bool is_ssh_command(const struct word *w)
{
	static const char word[] = "command";
	size_t i, n = sizeof word - 1;

	for (i = 0; i + n <= w->len; i++) {
		if (strncasecmp(w->text + i, word, n) == 0)
			return true;
	}
	return false;
}

static void check_operand(const struct program *p, const struct word *w,
    size_t number, bool brought, const struct exprs *x)
{
	if (p->rule == RULE_ALL || (p->rule == RULE_BEHIND && number) ||
	    (p->rule == RULE_FIRST && !number && !brought))
		sh_refuse_range(x, w->from, w->to, &p->why);
}

static void check_arguments(const struct program *p, const struct word *w,
    size_t n, const struct exprs *x)
{
	struct walk k = { .p = p, .w = w, .n = n, .i = 1 };
	bool brought = brings_code(p, w, n);
	size_t at, number = 0;
	enum arg arg;

	while ((arg = walk_next(&k, &at)) != ARG_OVER) {
		if (arg == ARG_CODE)
			sh_refuse_range(x, w[at].from, w[at].to, &p->why);
		if (arg != ARG_OPERAND)
			continue;
		check_operand(p, &w[at], number++, brought, x);
	}
}

static void check_ssh_options(const struct word *w, size_t n,
    const struct exprs *x)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (w[i].len > 2 && memcmp(w[i].text, "-o", 2) == 0 &&
		    is_ssh_command(&w[i]))
			sh_refuse_range(x, w[i].from, w[i].to, &ssh_command);
		if (word_is(&w[i - 1], "-o") && is_ssh_command(&w[i]))
			sh_refuse_range(x, w[i].from, w[i].to, &ssh_command);
	}
}

static void check_exec(const struct word *w, size_t n, const struct exprs *x)
{
	size_t i, end;

	for (i = 1; i < n; i++) {
		if (!word_in(&w[i], "-exec -execdir -ok -okdir"))
			continue;
		for (end = i + 1; end < n; end++) {
			if (word_in(&w[end], "; +"))
				break;
		}
		interpreters_check(w + i + 1, end - i - 1, x);
		i = end;
	}
}

/* The word stands anywhere: commcare-cloud ENV run-shell-command GROUP TEXT */
static void check_run_shell_command(const struct word *w, size_t n,
    const struct exprs *x)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (word_is(&w[i - 1], "run-shell-command")) {
			sh_refuse_range(x, w[i].from, w[n - 1].to,
			    &run_shell_command);
			return;
		}
	}
}

static void check_program(const struct program *p, const struct word *w,
    size_t n, const struct exprs *x)
{
	size_t next = next_command(p, w, n, x);

	while (next < n) {
		interpreters_check(w + next, n - next, x);
		if (!is_only_value(&w[next]))
			return;
		next++;
	}
	if (p->rule == RULE_SHELL)
		check_shell(p, w, n, x);
	else if (p->rule == RULE_EXEC)
		check_exec(w, n, x);
	else if (p->rule != RULE_WRAPPER && p->rule != RULE_CONTAINER)
		check_arguments(p, w, n, x);
	if (p->rule == RULE_BEHIND)
		check_ssh_options(w, n, x);
}

void interpreters_check(const struct word *w, size_t n,
    const struct exprs *x)
{
	const struct program *p;

	check_run_shell_command(w, n, x);
	for (; n; w++, n--) {
		p = program_find(w);
		if (p)
			check_program(p, w, n, x);
		/* a list of words like [sudo, -u, x], or nothing at all */
		if (p || !is_only_value(w) || n == 1 ||
		    !program_find(w + 1) ||
		    program_find(w + 1)->rule != RULE_SHELL)
			return;
	}
}

size_t interpreters_program(const struct word *w, size_t n)
{
	const struct program *p;
	size_t at = 0, next;

	while (at < n && (p = program_find(&w[at])) != NULL) {
		next = next_command(p, w + at, n - at, NULL);
		if (next == n - at)
			return p->rule == RULE_WRAPPER ||
			    p->rule == RULE_CONTAINER ? n : at;
		at += next;
	}
	return at;
}

static size_t count_operands(const struct program *p, const struct word *w,
    size_t n)
{
	struct walk k = { .p = p, .w = w, .n = n, .i = 1 };
	size_t at, count = 0;
	enum arg arg;

	while ((arg = walk_next(&k, &at)) != ARG_OVER) {
		if (arg == ARG_OPERAND && !word_is(&w[at], "-"))
			count++;
		if (arg == ARG_OPTION && p->rule == RULE_SHELL &&
		    w[at].text[1] != '-' &&
		    memchr(w[at].text, 's', w[at].len) && !count)
			return 0;
	}
	return count;
}

/* Takes the words apart at blanks, as the shell of the other side does. */
static size_t split(const struct word *w, size_t n, struct word *out,
    size_t max)
{
	size_t i, at, len, count = 0;

	for (i = 0; i < n; i++) {
		for (at = 0; at < w[i].len && count < max; at += len + 1) {
			for (len = 0; at + len < w[i].len &&
			    w[i].text[at + len] != ' '; len++)
				;
			out[count] = w[i];
			out[count].text += at;
			out[count].len = len;
			count += len > 0;
		}
	}
	return count;
}

/* ssh host 'cat >file' takes data, ssh host sh and ssh host take code. */
static const struct refusal *far_input(const struct word *w, size_t n)
{
	struct walk k = { .p = program_find(w), .w = w, .n = n, .i = 1 };
	struct word far[FAR_WORDS];
	size_t at, count;
	enum arg arg;

	do {
		arg = walk_next(&k, &at);
	} while (arg != ARG_OPERAND && arg != ARG_OVER);
	count = split(w + k.i, n - k.i, far, FAR_WORDS);
	return count ? interpreters_input(far, count) : &stdin_code;
}

const struct refusal *interpreters_input(const struct word *w, size_t n)
{
	size_t at = interpreters_program(w, n);
	const struct program *p = at < n ? program_find(&w[at]) : NULL;

	if (!p || p->input == INPUT_DATA)
		return NULL;
	w += at;
	n -= at;
	if (p->rule == RULE_BEHIND)
		return far_input(w, n);
	if (brings_code(p, w, n))
		return NULL;
	if (p->input == INPUT_CODE_WITHOUT_OPERAND && count_operands(p, w, n))
		return NULL;
	return &stdin_code;
}
