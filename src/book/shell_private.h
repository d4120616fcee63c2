/* The lexer of shell text and the words that it finds. For shell*.c, argv.c
 * and interpreters.c only. */
#ifndef CAIRN_BOOK_SHELL_PRIVATE_H
#define CAIRN_BOOK_SHELL_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "book/shell.h"

/* In the text of a word: an expression, and any other expansion. */
#define WORD_VALUE '\0'
#define WORD_OTHER '\1'

struct word {
	const char *text;     /* quotes removed */
	size_t len;
	bool quoted;          /* held a quote or a backslash: no keyword */
	bool process;         /* <(…) */
	size_t from, to;      /* numbers of the expressions: [from, to) */
};

bool word_is(const struct word *w, const char *text);
/* One of the words of `list`, which are separated by blanks. */
bool word_in(const struct word *w, const char *list);
bool word_has_value(const struct word *w);

/* Why a value may not stand somewhere, and what to do instead. */
struct refusal {
	const char *text, *hint;
};

/* The expressions of a text or of an argument list, in order. */
struct exprs {
	struct expr *const *v;
	struct errs *errs;
};
void sh_refuse_range(const struct exprs *x, size_t from, size_t to,
    const struct refusal *why);

/* A here-document whose body begins behind the next newline. */
struct here {
	const char *delimiter;
	size_t len;
	bool strip, quoted;
	const struct refusal *forbid;
};

enum { END = -1, EXPR = 0 };      /* what sh_peek says besides characters */

struct lexer {
	struct arena *arena;
	const struct text *text;
	const char *in;               /* the text; EXPR is an expression */
	size_t pos, end;
	bool stopped;                 /* gave up, with an error */
	unsigned depth;

	struct exprs exprs;
	size_t seen;                  /* expressions met so far */
	const struct refusal *forbid; /* no value may stand here, or NULL */
	VEC(struct expr *) values;    /* those that became variables */

	struct buf out;
	struct buf scratch;           /* text of the words under construction */
	bool quoted;                  /* of the innermost of them */

	VEC(struct here) pending;
	bool outer_pending;           /* a text around waits for its newline */
	bool in_body;                 /* directly in a here-document */
};

/* How a value is quoted where it stands. */
enum quoting { BARE, DOUBLE, SINGLE, COMMENT };

/* shell_lex.c: characters, quotes, words */
int sh_peek(const struct lexer *lx, size_t k);
/* Copies n characters to the script. */
void sh_copy(struct lexer *lx, size_t n);
/* Copies one character to the script and to the word. */
void sh_add(struct lexer *lx);
void sh_blanks(struct lexer *lx);
/* Drops "\" + newline, which would hide the rest of an operator. */
void sh_joins(struct lexer *lx);
void sh_value(struct lexer *lx, enum quoting quoting);
void sh_refuse(struct lexer *lx, const struct refusal *why);
/* Gives up: what follows could be anything. */
void sh_unsure(struct lexer *lx, const char *what, const char *hint);
/* One more level; false when there are too many. lx->depth-- at its end. */
bool sh_deeper(struct lexer *lx);
/* Replaces what was added to the word since `start` by one character; `from`
 * is what lx->seen was there. */
void sh_add_expansion(struct lexer *lx, size_t start, size_t from);
/* A character, or what begins with it, in no quotes and inside double ones. */
void sh_bare_part(struct lexer *lx);
void sh_quoted_part(struct lexer *lx);
void sh_single_quotes(struct lexer *lx);
void sh_double_quotes(struct lexer *lx);
/* A body like that of an unquoted here-document, up to lx->end. */
void sh_body(struct lexer *lx);
enum word_kind { WORD_PLAIN, WORD_ELEMENT, WORD_CONDITION };
struct word sh_word(struct lexer *lx, enum word_kind kind);
bool sh_is_name(const char *s, size_t n);
bool sh_is_name_char(int c);

/* shell_expand.c */
void sh_dollar(struct lexer *lx, enum quoting quoting);
void sh_backquotes(struct lexer *lx, bool quoted);
/* From behind "((" to behind "))". */
void sh_arithmetic(struct lexer *lx);

/* shell_list.c: commands */
enum ended { ENDED_NOT, ENDED_TEXT, ENDED_PAREN, ENDED_DSEMI, ENDED_ESAC };
enum ended sh_commands(struct lexer *lx, enum ended until);
/* Commands with here-documents of their own: $(…), `…`, <(…); a ")" is
 * copied too. */
void sh_stream(struct lexer *lx, enum ended until);

void sh_newline(struct lexer *lx);
void sh_comment(struct lexer *lx);

/* shell_compound.c: from behind the keyword */
void sh_case(struct lexer *lx);
void sh_condition(struct lexer *lx);
void sh_function_name(struct lexer *lx);

/* shell_here.c */
void here_begin(struct lexer *lx);
void here_bodies(struct lexer *lx);

/* shell_names.c: places where a command takes the name of a variable */
void sh_names_check(struct lexer *lx, const struct word *w, size_t n);
void sh_condition_check(struct lexer *lx, const struct word *w, size_t n);

extern const struct refusal refusal_arithmetic, refusal_subscript,
    refusal_name, refusal_left;

/* interpreters.c: programs that read an argument, or their input, again */
void interpreters_check(const struct word *w, size_t n,
    const struct exprs *x);
/* Why no value may stand in the text that the command reads from its input;
 * NULL: it may. */
const struct refusal *interpreters_input(const struct word *w, size_t n);
/* Index of the program behind env, sudo, timeout …; n when there is none. */
size_t interpreters_program(const struct word *w, size_t n);

#endif
