/* Programs that read an argument, or their input, again as code: a value in
 * there would be code, whatever quotes stand around it. One table serves shell
 * text and argument lists (details.md 2). */
#include "book/shell_private.h"

#include <string.h>
#include <strings.h>

#define FAR_WORDS 16           /* enough for sudo -u USER psql … */

enum rule {
	RULE_WRAPPER,    /* runs the command that follows its operands */
	RULE_SHELL,      /* -c: the first operand is code */
	RULE_OPTION,     /* what stands behind a code option */
	RULE_FIRST,      /* the first operand, unless an option brings code */
	RULE_BEHIND,     /* everything behind the first operand */
	RULE_ALL,        /* every operand */
	RULE_EXEC,       /* find: a command from -exec to ";" or "+" */
	RULE_CONTAINER,  /* docker … exec [options] container command */
};

enum input { INPUT_DATA, INPUT_CODE, INPUT_CODE_WITHOUT_OPERAND };

struct program {
	const char *names;
	enum rule rule;
	/* Options: letters and words that take an argument of their own … */
	const char *with_arg, *with_arg_long;
	/* … an argument that is code … */
	const char *code, *code_long;
	/* … or the name of a file with code. */
	const char *file, *file_long;
	const char *attached;         /* letters that take the rest of a word */
	size_t operands;              /* of a wrapper, before the command */
	bool assigns;                 /* a wrapper that takes NAME=value */
	bool stops;                   /* no options behind the first operand */
	enum input input;
	struct refusal why;
};

#define AGAIN "a value cannot stand here: "

static const struct refusal stdin_code = {
	AGAIN "the program runs what it reads from its input",
	"hand it over as an argument (sh -s -- ${{ x }} and \"$1\"; psql -v "
	"x=${{ x }} and :'x'), by env:, or use a script file",
};

static const struct program programs[] = {
	{ .names = "env", .rule = RULE_WRAPPER, .assigns = true,
	  .with_arg = "uC", .with_arg_long = "--unset --chdir",
	  .code = "S", .code_long = "--split-string",
	  .why = { AGAIN "env -S takes the text apart again",
	    "write every argument as a word of its own, without -S" } },
	{ .names = "timeout", .rule = RULE_WRAPPER, .operands = 1,
	  .with_arg = "ks", .with_arg_long = "--kill-after --signal" },
	{ .names = "nice ionice", .rule = RULE_WRAPPER,
	  .with_arg = "nc", .with_arg_long = "--adjustment --class "
	  "--classdata" },
	{ .names = "nohup setsid exec command builtin", .rule = RULE_WRAPPER,
	  .with_arg = "a" },
	{ .names = "stdbuf", .rule = RULE_WRAPPER, .with_arg = "ioe",
	  .with_arg_long = "--input --output --error" },
	{ .names = "time", .rule = RULE_WRAPPER, .with_arg = "of",
	  .with_arg_long = "--output --format" },
	{ .names = "xargs", .rule = RULE_WRAPPER, .with_arg = "adEILnPs",
	  .with_arg_long = "--arg-file --delimiter --max-lines --max-args "
	  "--max-procs --max-chars" },
	{ .names = "sudo doas", .rule = RULE_WRAPPER, .assigns = true,
	  .with_arg = "CDghpRrTtuU", .with_arg_long = "--user --group --host "
	  "--prompt --chdir --chroot --role --type --other-user "
	  "--command-timeout --close-from" },
	{ .names = "sshpass", .rule = RULE_WRAPPER, .with_arg = "fdpP" },
	{ .names = "docker docker-compose podman kubectl", .rule = RULE_CONTAINER,
	  .with_arg = "euwnc", .with_arg_long = "--env --env-file --user "
	  "--workdir --detach-keys --index --namespace --container" },
	{ .names = "find", .rule = RULE_EXEC },
	{ .names = "sh bash dash ksh ash zsh", .rule = RULE_SHELL,
	  .with_arg = "oO", .with_arg_long = "--rcfile --init-file",
	  .code = "c", .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "the shell reads this text again as code",
	    "write sh -c '… \"$1\"' sh ${{ x }}, or use env: and \"$NAME\" "
	    "inside the text, or a script file" } },
	{ .names = "ssh", .rule = RULE_BEHIND,
	  .with_arg = "BbcDEeFIiJLlmOopQRSWw", .input = INPUT_CODE,
	  .stops = true,
	  .why = { AGAIN "the shell of the other side reads it again as code",
	    "make it a step of that host (host:), or send it by stdin:, or "
	    "use a script file" } },
	{ .names = "su runuser", .rule = RULE_OPTION, .with_arg = "gGsTwu",
	  .with_arg_long = "--group --supp-group --shell --user "
	  "--whitelist-environment",
	  .code = "c", .code_long = "--command --session-command",
	  .input = INPUT_CODE,
	  .why = { AGAIN "the shell of that user reads it again as code",
	    "use as: of the step, or stdin:, or a script file" } },
	{ .names = "eval", .rule = RULE_ALL,
	  .why = { AGAIN "eval reads its arguments again as code",
	    "call the command without eval, or use a script file" } },
	{ .names = "alias", .rule = RULE_ALL,
	  .why = { AGAIN "the shell reads an alias again as code",
	    "write a function" } },
	{ .names = "trap", .rule = RULE_FIRST,
	  .why = { AGAIN "the shell reads a trap again as code",
	    "put the value into a variable first, and write trap '… "
	    "\"$name\"'" } },
	{ .names = "watch", .rule = RULE_ALL, .stops = true, .with_arg = "n",
	  .with_arg_long = "--interval",
	  .why = { AGAIN "watch gives its arguments to a shell again",
	    "use env: and \"$NAME\" inside the text, or a script file" } },
	{ .names = "flock", .rule = RULE_WRAPPER, .operands = 1,
	  .with_arg = "wE", .with_arg_long = "--timeout --conflict-exit-code",
	  .code = "c", .code_long = "--command",
	  .why = { AGAIN "a shell reads this text again as code",
	    "use env: and \"$NAME\" inside the text, or a script file" } },
	{ .names = "script", .rule = RULE_OPTION, .with_arg = "BEIOoTm",
	  .code = "c", .code_long = "--command",
	  .why = { AGAIN "a shell reads this text again as code",
	    "use env: and \"$NAME\" inside the text, or a script file" } },
	{ .names = "psql", .rule = RULE_OPTION, .with_arg = "dfhLoPpRFTUv",
	  .with_arg_long = "--dbname --host --log-file --output --pset "
	  "--port --record-separator --field-separator --table-attr "
	  "--username --set --variable",
	  .code = "c", .code_long = "--command", .file = "f",
	  .file_long = "--file", .input = INPUT_CODE,
	  .why = { AGAIN "psql reads it as SQL",
	    "use psql -v x=${{ x }} and :'x' in SQL that comes by stdin:, or "
	    "a step with sql:" } },
	{ .names = "mysql mariadb", .rule = RULE_OPTION,
	  .with_arg = "DhPSu", .with_arg_long = "--database --host --port "
	  "--socket --user", .code = "e", .code_long = "--execute",
	  .attached = "p", .input = INPUT_CODE,
	  .why = { AGAIN "the program reads it as SQL",
	    "use a script file that takes the value from env:" } },
	{ .names = "awk gawk mawk nawk", .rule = RULE_FIRST,
	  .with_arg = "Fvil", .with_arg_long = "--field-separator --assign "
	  "--include --load", .code = "e", .code_long = "--source",
	  .file = "f", .file_long = "--file",
	  .why = { AGAIN "awk reads it as a program",
	    "use env: and ENVIRON[\"NAME\"] in the program" } },
	{ .names = "sed", .rule = RULE_FIRST, .with_arg = "l",
	  .with_arg_long = "--line-length", .code = "e",
	  .code_long = "--expression", .file = "f", .file_long = "--file",
	  .attached = "i",
	  .why = { AGAIN "sed reads it as a script",
	    "use awk with env: and ENVIRON[\"NAME\"], or a script file" } },
	{ .names = "ansible", .rule = RULE_OPTION,
	  .with_arg = "BefilmMPtTu", .code = "a", .code_long = "--args",
	  .why = { AGAIN "ansible gives it to a shell again",
	    "use a step of that host (host:), or a script file" } },
	{ .names = "python python3", .rule = RULE_OPTION, .stops = true,
	  .with_arg = "WX", .code = "c", .file = "m",
	  .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "python reads it as a program",
	    "write it behind the program and take it from sys.argv" } },
	{ .names = "perl ruby", .rule = RULE_OPTION, .stops = true,
	  .with_arg = "Ir", .code = "eE", .attached = "iFMmC",
	  .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "the program reads it as code",
	    "write it behind the program and take it from ARGV" } },
	{ .names = "node", .rule = RULE_OPTION, .stops = true,
	  .with_arg = "r", .code = "ep", .code_long = "--eval --print",
	  .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "node reads it as a program",
	    "write it behind the program and take it from process.argv" } },
	{ .names = "php", .rule = RULE_OPTION, .stops = true,
	  .with_arg = "cdtzS", .code = "rBRE", .file = "fF",
	  .code_long = "--run", .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "php reads it as a program",
	    "write it behind \"--\" and take it from $argv" } },
};

static const struct refusal run_shell_command = {
	AGAIN "run-shell-command gives it to a shell again",
	"use a step of that host (host:), or a script file",
};
static const struct refusal ssh_command = {
	AGAIN "ssh gives the command of this option to a shell",
	"write it into ~/.ssh/config, or use jump: of the host",
};

void sh_refuse_range(const struct exprs *x, size_t from, size_t to,
    const struct refusal *why)
{
	for (; from < to; from++) {
		errs_add(x->errs, expr_mark(x->v[from]), "%s", why->text);
		errs_hint(x->errs, "%s", why->hint);
	}
}

/* The name without its directory, when it is written out. */
static struct word base_name(const struct word *w)
{
	struct word name = *w;
	size_t i;

	for (i = w->len; i > 0 && w->text[i - 1] != '/'; i--)
		;
	name.text += i;
	name.len -= i;
	return name;
}

static const struct program *find_program(const struct word *w)
{
	struct word name = base_name(w);
	size_t i;

	for (i = 0; i < sizeof programs / sizeof *programs; i++) {
		if (word_in(&name, programs[i].names))
			return &programs[i];
	}
	return NULL;
}

/* Goes over the arguments of a program, one at a time. */
struct walk {
	const struct program *p;
	const struct word *w;
	size_t n, i;
	bool rest;                    /* behind "--": operands only */
};

enum arg { ARG_OPERAND, ARG_OPTION, ARG_CODE, ARG_FILE, ARG_OVER };

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

/* *at is the word with the operand, option, code or file. */
static enum arg walk_next(struct walk *k, size_t *at)
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
	struct word name = base_name(w);
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
		p = find_program(w);
		if (p)
			check_program(p, w, n, x);
		/* a list of words like [sudo, -u, x], or nothing at all */
		if (p || !is_only_value(w) || n == 1 ||
		    !find_program(w + 1) ||
		    find_program(w + 1)->rule != RULE_SHELL)
			return;
	}
}

size_t interpreters_program(const struct word *w, size_t n)
{
	const struct program *p;
	size_t at = 0, next;

	while (at < n && (p = find_program(&w[at])) != NULL) {
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
	struct walk k = { .p = find_program(w), .w = w, .n = n, .i = 1 };
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
	const struct program *p = at < n ? find_program(&w[at]) : NULL;

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
