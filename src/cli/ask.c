#include "cli/ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/str.h"
#include "base/xalloc.h"

enum stage {
	AT_WORD, AT_REASON,                  /* trouble, what runs */
	AT_CHOICE, AT_TICKS, AT_FIELDS, AT_BY, AT_CONFIRM, AT_YES,
	AT_END,
};

struct ask {
	char *step, *state;
	json_t *question;            /* of a gate, or NULL */
	char *login;
	const char *const *words;    /* for AT_WORD */
	json_t *command;
	enum stage at;
	size_t part;                 /* tick or field number, from 0 */
};

static const char *const trouble_words[] = {
	"retry", "done", "skip", "undo", "leave", NULL };
static const char *const running_words[] = { "wait", "stop", "leave", NULL };

/* ---- what a question holds */

static const json_t *
list(const struct ask *a, const char *key)
{
	return json_object_get(a->question, key);
}

static const char *
text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

static const json_t *
field(const struct ask *a)
{
	return json_array_get(list(a, "fields"), a->part);
}

/* With a choice that does not mean continue nothing else is asked. */
static bool
goes_on(const struct ask *a)
{
	const json_t *c;
	size_t i;

	json_array_foreach(list(a, "choices"), i, c)
		if (strcmp(text(c, "word"), text(a->command, "choice")) == 0)
			return strcmp(text(c, "means"), "continue") == 0;
	return true;
}

static bool
has_stage(const struct ask *a, enum stage at)
{
	const char *by = text(a->question, "by");

	switch (at) {
	case AT_CHOICE:
		return json_array_size(list(a, "choices")) > 0;
	case AT_TICKS:
		return goes_on(a) && json_array_size(list(a, "checklist")) > 0;
	case AT_FIELDS:
		return goes_on(a) && json_array_size(list(a, "fields")) > 0;
	case AT_BY:
		return by[0] != '\0' && !str_eq(by, a->login);
	case AT_CONFIRM:
		return goes_on(a) && json_is_string(list(a, "confirm"));
	case AT_YES:
		/* nothing else was said: one word at least */
		return !has_stage(a, AT_CHOICE) && !has_stage(a, AT_TICKS) &&
		    !has_stage(a, AT_FIELDS) && !has_stage(a, AT_CONFIRM);
	default:
		return true;
	}
}

static void
advance(struct ask *a)
{
	a->part = 0;
	do
		a->at++;
	while (!has_stage(a, a->at));
}

static void
put(struct ask *a, const char *key, const char *line, size_t n)
{
	json_object_set_new(a->command, key, json_stringn(line, n));
}

/* ---- making */

static struct ask *
ask_new(const char *step, const char *verb, enum stage first)
{
	struct ask *a = xcalloc(1, sizeof *a);

	a->step = xstrdup(step);
	a->at = first;
	a->command = json_object();
	if (step[0] != '\0')
		put(a, "step", step, strlen(step));
	if (verb != NULL)
		put(a, "verb", verb, strlen(verb));
	return a;
}

struct ask *
ask_gate(const char *step, json_t *question, const char *login)
{
	struct ask *a = ask_new(step, "answer", AT_CHOICE);

	a->question = question;
	a->login = login == NULL ? NULL : xstrdup(login);
	json_object_set(a->command, "question",
	    json_object_get(question, "question"));
	if (!has_stage(a, AT_CHOICE))
		advance(a);
	return a;
}

struct ask *
ask_trouble(const char *step, const char *state)
{
	struct ask *a = ask_new(step, NULL, AT_WORD);

	a->state = xstrdup(state);
	a->words = trouble_words;
	return a;
}

struct ask *
ask_running(void)
{
	struct ask *a = ask_new("", NULL, AT_WORD);

	a->words = running_words;
	return a;
}

void
ask_free(struct ask *a)
{
	if (a == NULL)
		return;
	free(a->step);
	free(a->state);
	free(a->login);
	json_decref(a->question);
	json_decref(a->command);
	free(a);
}

const char *
ask_step(const struct ask *a)
{
	return a->step;
}

json_t *
ask_command(const struct ask *a)
{
	return json_deep_copy(a->command);
}

void
ask_again(struct ask *a)
{
	if (a->question == NULL) {
		a->at = AT_WORD;
		json_object_del(a->command, "verb");
		return;
	}
	json_object_del(a->command, "values");
	json_object_del(a->command, "confirm");
	a->at = AT_TICKS;
	advance(a);
	if (a->at == AT_END) {
		a->at = AT_CHOICE - 1;
		json_object_del(a->command, "ticks");
		advance(a);
	}
}

/* ---- what is asked */

static void
words_prompt(const struct ask *a, struct buf *out)
{
	size_t i;

	if (a->state != NULL)
		buf_addf(out, "%s is %s: ", a->step, a->state);
	for (i = 0; a->words[i] != NULL; i++)
		buf_addf(out, "%s%s", i == 0 ? "" : ", ", a->words[i]);
	buf_adds(out, "? ");
}

static void
choice_prompt(const struct ask *a, struct buf *out)
{
	const json_t *c;
	size_t i;

	json_array_foreach(list(a, "choices"), i, c) {
		buf_adds(out, i == 0 ? "" : ", ");
		escape_line(out, text(c, "word"), strlen(text(c, "word")));
		if (strcmp(text(c, "word"), text(c, "means")) != 0)
			buf_addf(out, " (%s)", text(c, "means"));
	}
	buf_adds(out, "? ");
}

static void
field_prompt(const struct ask *a, struct buf *out)
{
	const json_t *f = field(a), *word;
	size_t i;

	buf_addf(out, "%s (", text(f, "name"));
	json_array_foreach(json_object_get(f, "of"), i, word)
		buf_addf(out, "%s%s", i == 0 ? "" : ", ",
		    json_string_value(word));
	if (json_array_size(json_object_get(f, "of")) == 0)
		buf_adds(out, text(f, "type"));
	buf_adds(out, json_is_true(json_object_get(f, "required")) ? ")" :
	    "; may stay empty)");
	if (text(f, "help")[0] != '\0') {
		buf_adds(out, " ");
		escape_line(out, text(f, "help"), strlen(text(f, "help")));
	}
	buf_adds(out, ": ");
}

void
ask_prompt(const struct ask *a, struct buf *out)
{
	const char *s;

	switch (a->at) {
	case AT_WORD:
		words_prompt(a, out);
		break;
	case AT_REASON:
		buf_adds(out, "why (it is kept in the journal): ");
		break;
	case AT_CHOICE:
		choice_prompt(a, out);
		break;
	case AT_TICKS:
		s = json_string_value(json_array_get(list(a, "checklist"),
		    a->part));
		escape_line(out, s, strlen(s));
		buf_adds(out, "  [y: it is so] ");
		break;
	case AT_FIELDS:
		field_prompt(a, out);
		break;
	case AT_BY:
		s = text(a->question, "by");
		escape_line(out, s, strlen(s));
		buf_adds(out, " answers this; in whose name do you? ");
		break;
	case AT_CONFIRM:
		s = text(a->question, "confirm");
		buf_adds(out, "type exactly  ");
		escape_line(out, s, strlen(s));
		buf_adds(out, "  to allow it: ");
		break;
	default:
		buf_adds(out, "go on? [yes] ");
	}
}

/* ---- what was typed */

static bool
is(const char *line, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(line, word, n) == 0;
}

static void
take_word(struct ask *a, const char *line, size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; a->words[i] != NULL; i++) {
		if (!is(line, n, a->words[i]))
			continue;
		put(a, "verb", line, n);
		/* undo is of the whole run */
		if (is(line, n, "undo"))
			json_object_del(a->command, "step");
		else if (a->state != NULL)
			put(a, "step", a->step, strlen(a->step));
		a->at = a->words == running_words || is(line, n, "leave") ?
		    AT_END : AT_REASON;
		return;
	}
	buf_adds(out, "  that is none of the words\n");
}

static void
take_choice(struct ask *a, const char *line, size_t n, struct buf *out)
{
	const json_t *c;
	size_t i;

	json_array_foreach(list(a, "choices"), i, c)
		if (is(line, n, text(c, "word"))) {
			put(a, "choice", line, n);
			advance(a);
			return;
		}
	buf_adds(out, "  that is none of the choices\n");
}

static void
take_tick(struct ask *a, const char *line, size_t n, struct buf *out)
{
	json_t *ticks = json_object_get(a->command, "ticks");

	if (!is(line, n, "y") && !is(line, n, "yes")) {
		buf_adds(out, "  y ticks it; Ctrl-D leaves the question open\n");
		return;
	}
	if (ticks == NULL) {
		ticks = json_array();
		json_object_set_new(a->command, "ticks", ticks);
	}
	json_array_append_new(ticks, json_integer((json_int_t)++a->part));
	if (a->part == json_array_size(list(a, "checklist")))
		advance(a);
}

static void
take_field(struct ask *a, const char *line, size_t n, struct buf *out)
{
	const json_t *f = field(a);
	json_t *values = json_object_get(a->command, "values");

	if (n == 0 && json_is_true(json_object_get(f, "required"))) {
		buf_adds(out, "  it is needed\n");
		return;
	}
	if (values == NULL) {
		values = json_object();
		json_object_set_new(a->command, "values", values);
	}
	if (n > 0)
		json_object_set_new(values, text(f, "name"),
		    json_stringn(line, n));
	if (++a->part == json_array_size(list(a, "fields")))
		advance(a);
}

static void
take_exact(struct ask *a, const char *key, const char *want, const char *line,
    size_t n, struct buf *out)
{
	if (!is(line, n, want)) {
		buf_adds(out, "  that is not it; Ctrl-D leaves the question "
		    "open\n");
		return;
	}
	if (key != NULL)
		put(a, key, line, n);
	advance(a);
}

enum ask_end
ask_line(struct ask *a, const char *line, size_t n, struct buf *out)
{
	if (!utf8_valid(line, n) || memchr(line, '\0', n) != NULL) {
		buf_adds(out, "  that is no text in UTF-8\n");
		return ASK_MORE;
	}
	switch (a->at) {
	case AT_WORD:
		take_word(a, line, n, out);
		break;
	case AT_REASON:
		if (n == 0)
			break;
		put(a, "reason", line, n);
		a->at = AT_END;
		break;
	case AT_CHOICE:
		take_choice(a, line, n, out);
		break;
	case AT_TICKS:
		take_tick(a, line, n, out);
		break;
	case AT_FIELDS:
		take_field(a, line, n, out);
		break;
	case AT_BY:
		take_exact(a, "by", text(a->question, "by"), line, n, out);
		break;
	case AT_CONFIRM:
		take_exact(a, "confirm", text(a->question, "confirm"), line, n,
		    out);
		break;
	case AT_YES:
		take_exact(a, NULL, "yes", line, n, out);
		break;
	default:
		break;
	}
	return a->at == AT_END ? ASK_TOLD : ASK_MORE;
}
