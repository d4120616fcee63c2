/* Commands: where they begin and end, what their words are. */
#include "book/shell_private.h"

#include <ctype.h>
#include <string.h>

enum form { FORM_SIMPLE, FORM_FOR };

struct range { size_t from, to; };      /* numbers of expressions */

struct command {
	VEC(struct word) words;
	VEC(struct word) strings;       /* behind <<< */
	enum form form;
	bool redirected;
	size_t first_here;              /* of its here-documents, in pending */
	struct range piped;             /* what echo or printf sends to it */
};

bool word_is(const struct word *w, const char *text)
{
	return strlen(text) == w->len && memcmp(w->text, text, w->len) == 0;
}

bool word_in(const struct word *w, const char *list)
{
	size_t n;

	for (; *list; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		if (n == w->len && memcmp(w->text, list, n) == 0)
			return true;
	}
	return false;
}

bool word_has_value(const struct word *w)
{
	return w->to > w->from;
}

static void command_begin(struct lexer *lx, struct command *c)
{
	c->words.n = c->strings.n = 0;
	c->form = FORM_SIMPLE;
	c->redirected = false;
	c->first_here = lx->pending.n;
}

/* Length of what stands before "=" in a word, or 0. */
static size_t assigned_name(const struct word *w)
{
	const char *equals = memchr(w->text, '=', w->len);
	size_t n = equals ? (size_t)(equals - w->text) : 0, i;

	if (n && w->text[n - 1] == '+')
		n--;
	for (i = 0; i < n && w->text[i] != '['; i++) {
		if (w->text[i] != WORD_VALUE && w->text[i] != '_' &&
		    !isalnum((unsigned char)w->text[i]))
			return 0;
	}
	return i;
}

/* Index of the word that names the command, behind assignments. */
static size_t skip_assignments(struct lexer *lx, const struct command *c)
{
	size_t i, n;

	for (i = 0; i < c->words.n; i++) {
		n = assigned_name(&c->words.v[i]);
		if (n == 0)
			break;
		if (memchr(c->words.v[i].text, WORD_VALUE, n))
			sh_refuse_range(&lx->exprs, c->words.v[i].from,
			    c->words.v[i].to, &refusal_left);
	}
	return i;
}

/* What a command reads from <<, <<< and echo … | must not become code. */
static void check_input(struct lexer *lx, struct command *c,
    const struct word *w, size_t n)
{
	const struct refusal *why = interpreters_input(w, n);
	size_t i;

	if (!why)
		return;
	for (i = c->first_here; i < lx->pending.n; i++)
		lx->pending.v[i].forbid = why;
	for (i = 0; i < c->strings.n; i++)
		sh_refuse_range(&lx->exprs, c->strings.v[i].from,
		    c->strings.v[i].to, why);
	sh_refuse_range(&lx->exprs, c->piped.from, c->piped.to, why);
}

static struct range printed(const struct word *w, size_t n)
{
	struct range r = { 0 };

	if (n > 1 && word_in(w, "echo printf"))
		r = (struct range) { w[1].from, w[n - 1].to };
	return r;
}

static void command_end(struct lexer *lx, struct command *c, bool pipe)
{
	size_t skip = skip_assignments(lx, c), n = c->words.n - skip;
	const struct word *w = n ? c->words.v + skip : NULL;
	struct range piped = { 0 };

	if (c->form == FORM_FOR && n > 1)
		sh_refuse_range(&lx->exprs, w[1].from, w[1].to, &refusal_name);
	if (c->form == FORM_SIMPLE && n) {
		sh_names_check(lx, w, n);
		interpreters_check(w, n, &lx->exprs);
		check_input(lx, c, w, n);
		if (pipe)
			piped = printed(w, n);
	}
	c->piped = piped;
	command_begin(lx, c);
}

void sh_comment(struct lexer *lx)
{
	int c;

	while ((c = sh_peek(lx, 0)) != '\n' && c != END) {
		if (c == EXPR)
			sh_value(lx, COMMENT);
		else
			sh_copy(lx, 1);
	}
}

void sh_newline(struct lexer *lx)
{
	if (lx->outer_pending)
		sh_unsure(lx, "a new line before the text of a "
		    "here-document has begun", "put the commands into a "
		    "line before it");
	sh_copy(lx, 1);
	here_bodies(lx);
}

/* ";", "&", "|" and what they are doubled to. */
static enum ended operator(struct lexer *lx, struct command *c,
    enum ended until)
{
	int first = sh_peek(lx, 0), second;

	sh_copy(lx, 1);
	sh_joins(lx);
	second = sh_peek(lx, 0);
	command_end(lx, c, first == '|' && second != '|');
	if (first == ';' && (second == ';' || second == '&')) {
		sh_copy(lx, 1);
		sh_joins(lx);
		if (second == ';' && sh_peek(lx, 0) == '&')
			sh_copy(lx, 1);
		return until == ENDED_ESAC ? ENDED_DSEMI : ENDED_NOT;
	}
	if (second == first || (first == '|' && second == '&'))
		sh_copy(lx, 1);
	return ENDED_NOT;
}

static void close_parenthesis(struct lexer *lx)
{
	if (sh_peek(lx, 0) != ')')
		sh_unsure(lx, "\"(\" without \")\"", NULL);
	sh_copy(lx, 1);
}

/* A subshell, the "()" of a function, or "((". */
static void open_parenthesis(struct lexer *lx, struct command *c)
{
	if (c->words.n == 1 && word_has_value(&c->words.v[0]))
		sh_refuse_range(&lx->exprs, c->words.v[0].from,
		    c->words.v[0].to, &refusal_name);
	sh_copy(lx, 1);
	sh_joins(lx);
	if (sh_peek(lx, 0) == '(') {
		sh_copy(lx, 1);
		sh_arithmetic(lx);
	} else {
		sh_commands(lx, ENDED_PAREN);
		close_parenthesis(lx);
	}
	c->words.n = 0;
	command_end(lx, c, false);
}

static void process_substitution(struct lexer *lx, struct command *c)
{
	struct word w = { .process = true, .from = lx->seen, .text = "",
		.quoted = true };

	sh_copy(lx, 1);
	sh_stream(lx, ENDED_PAREN);
	w.to = lx->seen;
	vec_push(&c->words, w);
}

static void here_string(struct lexer *lx, struct command *c)
{
	struct word w;

	sh_copy(lx, 1);
	sh_blanks(lx);
	w = sh_word(lx, WORD_PLAIN);
	vec_push(&c->strings, w);
}

static void redirection(struct lexer *lx, struct command *c)
{
	int first = sh_peek(lx, 0), next;

	sh_copy(lx, 1);
	sh_joins(lx);
	next = sh_peek(lx, 0);
	if (next == '(') {
		process_substitution(lx, c);
		return;
	}
	c->redirected = true;
	if (next > 0 && strchr("<>&|", next))
		sh_copy(lx, 1);
	sh_joins(lx);
	if (first == '<' && next == '<' && sh_peek(lx, 0) == '<') {
		here_string(lx, c);
	} else if (first == '<' && next == '<') {
		here_begin(lx);
	} else {
		sh_blanks(lx);
		sh_word(lx, WORD_PLAIN);
	}
}

/* Nothing but "time" stands before: a keyword may come. */
static bool keyword_may_stand(const struct command *c)
{
	size_t i;

	if (c->redirected || c->form != FORM_SIMPLE)
		return false;
	for (i = 0; i < c->words.n; i++) {
		if (c->words.v[i].quoted ||
		    !word_in(&c->words.v[i], i ? "-p time" : "time"))
			return false;
	}
	return true;
}

/* Keywords behind which the next command begins. */
static bool is_beginning(struct lexer *lx, const struct word *w)
{
	if (word_is(w, "function"))
		sh_function_name(lx);
	else if (word_is(w, "case"))
		sh_case(lx);
	else
		return word_in(w, "if then elif else fi do done while until "
		    "! { } coproc");
	return true;
}

static enum ended keyword(struct lexer *lx, struct command *c,
    const struct word *w, enum ended until)
{
	if (word_is(w, "esac") && until == ENDED_ESAC)
		return ENDED_ESAC;
	if (is_beginning(lx, w)) {
		c->words.n = 0;
		return ENDED_NOT;
	}
	if (word_is(w, "[["))
		sh_condition(lx);
	if (word_in(w, "for select")) {
		c->form = FORM_FOR;
		c->words.n = 0;
	}
	vec_push(&c->words, *w);
	return ENDED_NOT;
}

/* The 2 of "2>&1" is no argument. */
static bool is_io_number(const struct lexer *lx, const struct word *w)
{
	size_t i;

	if (sh_peek(lx, 0) != '<' && sh_peek(lx, 0) != '>')
		return false;
	for (i = 0; i < w->len; i++) {
		if (!isdigit((unsigned char)w->text[i]))
			return false;
	}
	return !w->quoted;
}

static enum ended word(struct lexer *lx, struct command *c,
    enum ended until)
{
	struct word w = sh_word(lx, WORD_PLAIN);

	if (is_io_number(lx, &w))
		return ENDED_NOT;
	if (!w.quoted && keyword_may_stand(c))
		return keyword(lx, c, &w, until);
	if (c->form == FORM_FOR && c->words.n == 2 && word_is(&w, "do"))
		command_end(lx, c, false);
	else
		vec_push(&c->words, w);
	return ENDED_NOT;
}

static enum ended token(struct lexer *lx, struct command *c,
    enum ended until)
{
	sh_blanks(lx);
	switch (sh_peek(lx, 0)) {
	case END:
		return ENDED_TEXT;
	case '\n':
		command_end(lx, c, false);
		sh_newline(lx);
		command_begin(lx, c);
		return ENDED_NOT;
	case '#':
		sh_comment(lx);
		return ENDED_NOT;
	case ';': case '&': case '|':
		return operator(lx, c, until);
	case '<': case '>':
		redirection(lx, c);
		return ENDED_NOT;
	case '(':
		open_parenthesis(lx, c);
		return ENDED_NOT;
	case ')':
		if (until != ENDED_TEXT)
			return ENDED_PAREN;
		sh_unsure(lx, "\")\" without \"(\"", NULL);
		return ENDED_TEXT;
	default:
		return word(lx, c, until);
	}
}

enum ended sh_commands(struct lexer *lx, enum ended until)
{
	struct command c = { 0 };
	enum ended ended = ENDED_NOT;

	if (!sh_deeper(lx))
		return ENDED_TEXT;
	command_begin(lx, &c);
	while (ended == ENDED_NOT)
		ended = token(lx, &c, until);
	command_end(lx, &c, false);
	vec_free(&c.words);
	vec_free(&c.strings);
	lx->depth--;
	return ended;
}

void sh_stream(struct lexer *lx, enum ended until)
{
	size_t outer = lx->pending.n;
	bool outer_pending = lx->outer_pending, in_body = lx->in_body;

	lx->outer_pending |= outer > 0;
	lx->in_body = false;
	sh_commands(lx, until);
	if (lx->pending.n > outer)
		sh_unsure(lx, "a here-document whose text does not begin "
		    "before \")\"", "close the \")\" behind its text");
	lx->outer_pending = outer_pending;
	lx->in_body = in_body;
	if (until == ENDED_PAREN)
		close_parenthesis(lx);
}
