/* The table of programs that read an argument, or their input, again as code:
 * a value in there would be code, whatever quotes stand around it. One table
 * serves shell text and argument lists (details.md 2). For interpreters*.c. */
#ifndef CAIRN_BOOK_INTERPRETERS_PRIVATE_H
#define CAIRN_BOOK_INTERPRETERS_PRIVATE_H

#include "book/shell_private.h"

#define AGAIN "a value cannot stand here: "

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

/* The row of a program, by its name without the directory; or NULL. */
const struct program *program_find(const struct word *w);
/* The name without its directory, when it is written out. */
struct word program_base(const struct word *w);

/* Goes over the arguments of a program, one at a time. */
struct walk {
	const struct program *p;
	const struct word *w;
	size_t n, i;
	bool rest;                    /* behind "--": operands only */
};

enum arg { ARG_OPERAND, ARG_OPTION, ARG_CODE, ARG_FILE, ARG_OVER };
/* *at is the word with the operand, option, code or file. */
enum arg walk_next(struct walk *k, size_t *at);

#endif
