/* Commands with a grammar of their own: case, [[, function. */
#include "book/shell_private.h"

/* Blanks, newlines and comments. */
static void gap(struct lexer *lx)
{
	for (;;) {
		sh_blanks(lx);
		if (sh_peek(lx, 0) == '#')
			sh_comment(lx);
		else if (sh_peek(lx, 0) == '\n')
			sh_newline(lx);
		else
			return;
	}
}

/* Up to the ")" behind the patterns of a case; false at "esac". */
static bool case_patterns(struct lexer *lx)
{
	bool first = true;
	struct word w;

	gap(lx);
	if (sh_peek(lx, 0) == '(') {
		sh_copy(lx, 1);
		first = false;
	}
	for (;;) {
		sh_blanks(lx);
		w = sh_word(lx, WORD_PLAIN);
		if (first && !w.quoted && word_is(&w, "esac"))
			return false;
		first = false;
		sh_blanks(lx);
		if (sh_peek(lx, 0) != '|')
			break;
		sh_copy(lx, 1);
	}
	if (sh_peek(lx, 0) != ')')
		sh_unsure(lx, "a pattern of \"case\" without \")\"", NULL);
	sh_copy(lx, 1);
	return !lx->stopped;
}

void sh_case(struct lexer *lx)
{
	enum ended ended;
	struct word w;

	gap(lx);
	sh_word(lx, WORD_PLAIN);
	gap(lx);
	w = sh_word(lx, WORD_PLAIN);
	if (w.quoted || !word_is(&w, "in"))
		sh_unsure(lx, "\"case\" without \"in\"", NULL);
	while (case_patterns(lx)) {
		ended = sh_commands(lx, ENDED_ESAC);
		if (ended == ENDED_ESAC)
			return;
		if (ended != ENDED_DSEMI)
			sh_unsure(lx, "\"case\" without \"esac\"", NULL);
	}
}

/* [[ … ]]: parentheses, "|" and "<" are no operators of the shell here. */
void sh_condition(struct lexer *lx)
{
	VEC(struct word) words = { 0 };
	struct word w;

	do {
		sh_blanks(lx);
		if (sh_peek(lx, 0) == '\n') {
			sh_newline(lx);
			continue;
		}
		w = sh_word(lx, WORD_CONDITION);
		if (w.len == 0 && !w.quoted) {
			sh_unsure(lx, "\"[[\" without \"]]\"", NULL);
			break;
		}
		vec_push(&words, w);
	} while (words.n == 0 || !word_is(&words.v[words.n - 1], "]]"));
	sh_condition_check(lx, words.v, words.n);
	vec_free(&words);
}

void sh_function_name(struct lexer *lx)
{
	struct word w;

	sh_blanks(lx);
	w = sh_word(lx, WORD_PLAIN);
	sh_refuse_range(&lx->exprs, w.from, w.to, &refusal_name);
}
