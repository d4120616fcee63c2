#include "engine/answer.h"

#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "book/json.h"
#include "engine/permit.h"
#include "journal/journal.h"

/* ---- the question */

static json_t *
fields_json(const struct decls *d)
{
	json_t *out = json_array();
	size_t i, k;

	for (i = 0; d != NULL && i < d->n; i++) {
		json_t *f = json_pack("{s:s, s:s, s:b, s:s*}", "name",
		    d->v[i].name, "type", decl_type_words[d->v[i].type],
		    "required", d->v[i].required, "help", d->v[i].help);
		json_t *of = json_array();

		for (k = 0; k < d->v[i].of.n; k++)
			json_array_append_new(of,
			    json_string(d->v[i].of.v[k]));
		if (json_array_size(of) > 0)
			json_object_set(f, "of", of);
		json_decref(of);
		json_array_append_new(out, f);
	}
	return out;
}

static json_t *
question_json(const struct question *q, json_t *allows, const json_t *account)
{
	json_t *checklist = json_array(), *choices = json_array();
	json_t *out;
	size_t i;

	for (i = 0; i < q->checklist.n; i++)
		json_array_append_new(checklist,
		    json_string(q->checklist.v[i]));
	for (i = 0; q->choices != NULL && i < q->choices->n; i++)
		json_array_append_new(choices, json_pack("{s:s, s:s}", "word",
		    q->choices->v[i].key, "means",
		    choice_words[q->choices->v[i].value]));
	out = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "text", value_to_record(q->ask), "by", value_to_record(q->by),
	    "show", q->show.type == VALUE_MAP ? value_to_record(q->show) :
	    json_object(), "checklist", checklist, "fields",
	    fields_json(q->fields), "choices", choices,
	    "confirm", value_to_record(q->confirm), "allows", allows);
	json_object_set_new(out, "identity", json_deep_copy(account));
	return out;
}

static bool
on_record(struct task *t, const char *digest)
{
	const struct fold_step *f = fold_find(t->e->fold, t->plan->address);
	struct err err = ERR_INIT;
	json_t *last;
	bool same;

	if (f == NULL || f->ask == 0 || t->state != STEP_WAITING)
		return false;
	last = journal_payload(t->e->journal, f->ask - 1, &err);
	same = last != NULL && str_eq(digest, json_string_value(
	    json_object_get(last, "question")));
	json_decref(last);
	err_free(&err);
	return same;
}

json_t *
answer_ask(struct task *t, const char *kind, json_t *allows)
{
	json_t *q = engine_masked(t->e, question_json(&t->question, allows,
	    t->account));
	char *text = json_dumps(q, JSON_COMPACT | JSON_SORT_KEYS);
	char hex[DIGEST_HEX + 1];
	struct buf place = BUF_INIT(4096);

	sha256_hex(text, strlen(text), hex);
	free(text);
	plan_place(t->plan, &place);
	json_object_set_new(q, "kind", json_string(kind));
	json_object_set_new(q, "question", json_string(hex));
	json_object_set_new(q, "title", json_string(task_title(t, t->arena)));
	json_object_set_new(q, "where", json_string(place.data));
	json_object_set_new(q, "valid", json_integer(t->question.valid));
	buf_free(&place);
	if (!on_record(t, hex))
		engine_record(t->e, RECORD_ASK, t->plan->address,
		    json_incref(q));
	t->state = STEP_WAITING;
	return q;
}

/* ---- what was said so far */

static json_t *
said(struct task *t)
{
	return map_get(t->e->decides, t->plan->address);
}

/* Words typed and choices count only for the question as it stands; ticks and
 * fields may come from different people over days. */
static bool
counts(struct task *t, const json_t *decide)
{
	return str_eq(json_string_value(json_object_get(decide, "question")),
	    json_string_value(json_object_get(t->asked, "question")));
}

static bool
all_ticked(struct task *t)
{
	size_t n = t->question.checklist.n, i, k;
	bool *ticked = arena_array(t->arena, n + 1, sizeof *ticked);
	json_t *decide, *tick;

	json_array_foreach(said(t), i, decide)
		json_array_foreach(json_object_get(decide, "ticks"), k, tick)
			if (json_integer_value(tick) >= 1 &&
			    (size_t)json_integer_value(tick) <= n)
				ticked[json_integer_value(tick) - 1] = true;
	for (i = 0; i < n; i++)
		if (!ticked[i])
			return false;
	return true;
}

/* The last value given for each field; false when a required one lacks. */
static bool
gather_fields(struct task *t, struct value_map *out)
{
	const struct decls *d = t->question.fields;
	json_t *decide;
	size_t i, k;

	for (i = 0; d != NULL && i < d->n; i++) {
		const json_t *v = NULL;

		json_array_foreach(said(t), k, decide) {
			const json_t *x = json_object_get(json_object_get(
			    decide, "values"), d->v[i].name);

			v = x != NULL ? x : v;
		}
		if (v != NULL)
			value_map_put(out, d->v[i].name, strlen(d->v[i].name),
			    value_from_record(t->arena, v));
		else if (d->v[i].has_default)
			value_map_put(out, d->v[i].name, strlen(d->v[i].name),
			    d->v[i].def);
		else if (d->v[i].required)
			return false;
		else
			value_map_put(out, d->v[i].name, strlen(d->v[i].name),
			    value_null());
	}
	return true;
}

static int
choice_of(const struct words *w, const char *word)
{
	size_t i;

	for (i = 0; w != NULL && word != NULL && i < w->n; i++)
		if (strcmp(w->v[i].key, word) == 0)
			return w->v[i].value;
	return -1;
}

bool
answers_complete(struct task *t, struct answers *out)
{
	struct value_map m = { .arena = t->arena };
	const char *word = NULL, *by = NULL;
	bool confirmed = false, any = false;
	json_t *decide;
	size_t i;

	json_array_foreach(said(t), i, decide) {
		const char *w = json_string_value(json_object_get(decide,
		    "choice"));

		if (!counts(t, decide))
			continue;
		any = true;
		word = w != NULL ? w : word;
		by = json_string_value(json_object_get(decide, "by"));
		confirmed |= json_is_true(json_object_get(decide,
		    "confirmed"));
	}
	if (!any)
		return false;
	out->choice_word = word;
	out->choice = t->question.choices == NULL ? CHOICE_CONTINUE :
	    choice_of(t->question.choices, word);
	if (out->choice < 0)
		return false;
	if (out->choice == CHOICE_CONTINUE && (!all_ticked(t) ||
	    !gather_fields(t, &m) ||
	    (t->question.confirm.type == VALUE_STRING && !confirmed)))
		return false;
	value_map_put(&m, "choice", 6, word == NULL ? value_null() :
	    value_cstring(t->arena, word));
	value_map_put(&m, "by", 2, by == NULL ? value_null() :
	    value_cstring(t->arena, by));
	out->values = value_map_done(&m);
	return true;
}

void
answers_forget(struct task *t)
{
	json_t *list = said(t);

	if (list != NULL)
		json_array_clear(list);
}

/* ---- an answer from the inbox */

static const char *
word_in(const json_t *command, const char *key)
{
	return json_string_value(json_object_get(command, key));
}

static int
check_person(struct task *t, const json_t *command, struct err *err)
{
	const char *by = word_in(command, "by");

	if (by == NULL)
		by = word_in(command, "login");
	if (t->question.by.type != VALUE_STRING ||
	    str_eq(by, t->question.by.u.string.p))
		return 0;
	err_set(err, "'%s' is answered by %s, not by %s", t->plan->address,
	    t->question.by.u.string.p, by == NULL ? "nobody" : by);
	return err_hint(err, "--by says in whose name you answer");
}

/* The digest, or so much of its beginning that nobody guesses it. */
static bool
names_question(const char *given, const char *asked)
{
	return strlen(given) >= 12 && str_has_prefix(asked, given);
}

static int
check_words(struct task *t, const json_t *command, struct err *err)
{
	const char *typed = word_in(command, "confirm");
	const char *question = word_in(command, "question");
	const char *asked = word_in(t->asked, "question");

	if (question != NULL && !names_question(question, asked)) {
		err_set(err, "the question has changed since it was shown");
		return err_hint(err, "cairn status shows it as it is now");
	}
	if (typed == NULL)
		return 0;
	if (t->question.confirm.type != VALUE_STRING)
		return err_set(err, "'%s' wants no words to be typed",
		    t->plan->address);
	if (question == NULL) {
		err_set(err, "words that permit something need the question "
		    "that they answer");
		return err_hint(err, "--question %s", asked);
	}
	if (strcmp(typed, t->question.confirm.u.string.p) != 0)
		return err_set(err, "'%s' is not what has to be typed", typed);
	return 0;
}

static int
check_ticks(struct task *t, const json_t *command, struct err *err)
{
	json_t *tick;
	size_t i;

	json_array_foreach(json_object_get(command, "ticks"), i, tick)
		if (json_integer_value(tick) < 1 ||
		    (size_t)json_integer_value(tick) > t->question.checklist.n)
			return err_set(err, "there is no point %lld on the "
			    "list of '%s'", (long long)json_integer_value(tick),
			    t->plan->address);
	return 0;
}

static int
check_values(struct task *t, const json_t *command, json_t *typed,
    struct err *err)
{
	const struct decls none = { NULL, 0 };
	const struct decls *d = t->question.fields == NULL ? &none :
	    t->question.fields;
	const char *name;
	json_t *text;

	json_object_foreach(json_object_get(command, "values"), name, text) {
		struct decl *decl = decls_find(d, name);
		struct value v;

		if (decl == NULL)
			return err_set(err, "'%s' has no field '%s'",
			    t->plan->address, name);
		if (decl_value_of_text(t->arena, decl, json_string_value(text),
		    json_string_length(text), &v, err) != 0)
			return -1;
		json_object_set_new(typed, name, value_to_record(v));
	}
	return 0;
}

static int
check_choice(struct task *t, const json_t *command, struct err *err)
{
	const char *word = word_in(command, "choice");

	if (word != NULL && choice_of(t->question.choices, word) < 0)
		return err_set(err, "'%s' is no choice of '%s'", word,
		    t->plan->address);
	return 0;
}

/* Only an answer with the words typed gives a permission, and never the words
 * of a choice that does not mean to go on. */
static void
add_permission(struct task *t, const json_t *command, json_t *decide)
{
	int choice = choice_of(t->question.choices, word_in(command,
	    "choice"));
	json_t *permits = json_array(), *allowed;
	nsec now = engine_now(t->e);
	size_t i;

	json_object_set_new(decide, "confirmed", json_true());
	json_array_foreach(json_object_get(t->asked, "allows"), i, allowed)
		if (json_object_get(allowed, "effect") != NULL)
			json_array_append_new(permits, json_pack("{s:O, s:O}",
			    "address", json_object_get(allowed, "address"),
			    "effect", json_object_get(allowed, "effect")));
	if (choice > CHOICE_CONTINUE)
		json_array_clear(permits);
	json_object_set_new(decide, "permits", permits);
	json_object_set_new(decide, "given", json_integer(now));
	json_object_set_new(decide, "until",
	    json_integer(now + t->question.valid));
}

int
question_answer(struct task *t, const json_t *command, uid_t uid,
    const char *nonce, struct err *err)
{
	json_t *typed = json_object(), *decide;
	const char *by = word_in(command, "by");

	if (t->asked == NULL || (t->phase != TASK_QUESTION &&
	    t->phase != TASK_PERMIT)) {
		json_decref(typed);
		return err_set(err, "'%s' asks nothing now", t->plan->address);
	}
	if (check_person(t, command, err) != 0 ||
	    check_words(t, command, err) != 0 ||
	    check_ticks(t, command, err) != 0 ||
	    check_choice(t, command, err) != 0 ||
	    check_values(t, command, typed, err) != 0) {
		json_decref(typed);
		return -1;
	}
	decide = json_pack("{s:s, s:s, s:I, s:s*, s:s*, s:s*, s:s, s:o}",
	    "what", "answer", "nonce", nonce, "uid", (json_int_t)uid,
	    "login", word_in(command, "login"), "tty", word_in(command, "tty"),
	    "by", by != NULL ? by : word_in(command, "login"),
	    "question", word_in(t->asked, "question"), "values", typed);
	if (json_object_get(command, "ticks") != NULL)
		json_object_set(decide, "ticks",
		    json_object_get(command, "ticks"));
	if (word_in(command, "choice") != NULL)
		json_object_set(decide, "choice",
		    json_object_get(command, "choice"));
	if (word_in(command, "reason") != NULL)
		json_object_set(decide, "reason",
		    json_object_get(command, "reason"));
	if (word_in(command, "confirm") != NULL)
		add_permission(t, command, decide);
	t->answered = true;
	engine_record(t->e, RECORD_DECIDE, t->plan->address, decide);
	return 0;
}
