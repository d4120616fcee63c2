#include "kind/kind.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "kind/call.h"

#define VALID (3 * 3600 * NSEC_PER_SEC)

const char *const choice_words[] = { "continue", "wait", "undo", "stop", NULL };

struct gate {
	struct text *ask;
	struct text *by;
	struct assigns show;
	struct texts checklist;
	struct decls fields;
	struct words choices;
	struct text *confirm;
	nsec valid;
};

static const struct field gate_fields[] = {
	{ "ask", &field_text, offsetof(struct gate, ask),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL,
	  "What a person is asked, or asked to do." },
	{ "by", &field_text, offsetof(struct gate, by), FIELD_NO_SECRET, NULL,
	  "Who answers." },
	{ "show", &field_labels, offsetof(struct gate, show), FIELD_NO_SECRET,
	  NULL, "Labels with values: the evidence, frozen with the answer." },
	{ "checklist", &field_texts, offsetof(struct gate, checklist),
	  FIELD_NO_SECRET, NULL,
	  "What has to be ticked; different people may do so over days." },
	{ "fields", &field_declarations, offsetof(struct gate, fields), 0,
	  NULL, "Values to be filled in, declared like params." },
	{ "choices", &field_words, offsetof(struct gate, choices), 0,
	  choice_words, "Words to choose from, and what each means: continue, "
	  "wait, undo or stop." },
	{ "confirm", &field_text, offsetof(struct gate, confirm),
	  FIELD_NO_SECRET, NULL,
	  "Words that have to be typed exactly, with a choice that means "
	  "continue." },
	{ "valid", &field_duration, offsetof(struct gate, valid), 0, NULL,
	  "How long its permission to destroy lasts; by default 3h." },
	{ "approvals", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ "remind", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ "deadline", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ 0 }
};

static const struct shape gate_shape = {
	"a gate", gate_fields, sizeof(struct gate),
	"A question to a person.",
};

static const char *const gate_leaves[] = { "choice", "by", NULL };

static const char *const *
gate_leaves_of(const void *spec, struct arena *a)
{
	const struct gate *g = spec;
	const char **names = arena_array(a, g->fields.n + 3, sizeof *names);
	size_t i;

	for (i = 0; i < g->fields.n; i++)
		names[i] = g->fields.v[i].name;
	names[i++] = "choice";
	names[i++] = "by";
	return names;
}

static bool
can_continue(const struct words *choices)
{
	size_t i;

	for (i = 0; i < choices->n; i++)
		if (choices->v[i].value == CHOICE_CONTINUE)
			return true;
	return choices->n == 0;
}

static void
gate_check(const void *spec, const struct body *body, enum effect effect,
    struct errs *errs)
{
	const struct gate *g = spec;
	size_t i;

	(void)effect;
	for (i = 0; i < g->fields.n; i++) {
		const struct decl *d = &g->fields.v[i];

		if (strcmp(d->name, "choice") == 0 ||
		    strcmp(d->name, "by") == 0)
			errs_add(errs, d->mark, "a field cannot be named "
			    "'%s': the gate leaves this itself", d->name);
		if (d->type == DECL_SECRET)
			errs_add(errs, d->mark, "a field cannot be a secret: "
			    "answers are recorded");
	}
	if (g->confirm != NULL && !can_continue(&g->choices))
		errs_add(errs, text_mark(g->confirm), "`confirm` stands with "
		    "a choice that means continue, and there is none");
	if (g->valid < 0)
		errs_add(errs, body->mark, "`valid` must be more than 0s");
}

static int
optional(const struct kind_call *call, const struct text *t,
    struct value *out, struct err *err)
{
	*out = value_null();
	return t == NULL ? 0 : call_text(call, t, out, err);
}

static bool
is_blank(struct value v)
{
	return strspn(v.u.string.p, " \t\r\n") == v.u.string.n;
}

/* Evidence may be a list or a map: it stands there as JSON. */
static int
show_value(const struct kind_call *call, const struct text *t,
    struct value *out, struct err *err)
{
	struct buf b = BUF_INIT(LIMIT_VALUE_IN_RECORD);
	struct err ignored = ERR_INIT;
	struct value v;

	if (text_eval_typed(t, call->scope, call->arena, &v, err) != 0)
		return -1;
	if (value_is_secret(v))
		return err_at(err, text_mark(t),
		    "a secret may not be shown");
	if (value_text(&b, v, &ignored) != 0) {
		buf_reset(&b);
		value_show(&b, v, b.max);
	}
	err_free(&ignored);
	if (b.cut)
		memcpy(b.data + b.len - 3, "...", 3);
	*out = value_string(call->arena, b.data, b.len);
	buf_free(&b);
	return 0;
}

static int
ask_show(const struct kind_call *call, const struct assigns *show,
    struct value *out, struct err *err)
{
	struct value_map m = { .arena = call->arena };
	struct value v;
	size_t i;

	for (i = 0; i < show->n; i++) {
		if (show_value(call, show->v[i].text, &v, err) != 0)
			return -1;
		value_map_put(&m, show->v[i].name, strlen(show->v[i].name), v);
	}
	*out = value_map_done(&m);
	return 0;
}

static int
ask_checklist(const struct kind_call *call, const struct texts *list,
    struct plains *out, struct err *err)
{
	struct value v;
	size_t i;

	out->v = arena_array(call->arena, list->n + 1, sizeof *out->v);
	out->n = list->n;
	for (i = 0; i < list->n; i++) {
		if (call_text(call, list->v[i], &v, err) != 0)
			return -1;
		out->v[i] = v.u.string.p;
	}
	return 0;
}

static int
gate_ask(const struct kind_call *call, struct question *out, struct err *err)
{
	const struct gate *g = call->body->spec;
	struct question q = { 0 };

	if (call_text(call, g->ask, &q.ask, err) != 0 ||
	    optional(call, g->by, &q.by, err) != 0 ||
	    optional(call, g->confirm, &q.confirm, err) != 0 ||
	    ask_show(call, &g->show, &q.show, err) != 0 ||
	    ask_checklist(call, &g->checklist, &q.checklist, err) != 0)
		return -1;
	if (g->confirm != NULL && is_blank(q.confirm))
		return err_at(err, text_mark(g->confirm),
		    "the words to be typed came out blank");
	q.fields = g->fields.n > 0 ? &g->fields : NULL;
	q.choices = g->choices.n > 0 ? &g->choices : NULL;
	q.valid = g->valid > 0 ? g->valid : VALID;
	*out = q;
	return 0;
}

const struct kind kind_gate = {
	.shape = {
		"gate",
		"A question to a person. The run needs no process while it "
		"waits: it ends with status 3 and goes on when somebody "
		"answers. `confirm` has to be typed exactly; `choices` give "
		"\"no\" a meaning. With conditions in `done_when` the gate "
		"closes when the world is already so; with `verify` a wrong "
		"answer leaves it open and it says why. It leaves its "
		"`fields` by name, `choice` (null without choices) and `by`.",
		{ "gate", &field_shape, 0, 0, &gate_shape,
		  "A question to a person." },
		sizeof(struct gate),
	},
	.flow = FLOW_QUESTION,
	.effect = EFFECT_DEFAULT,
	.in_undo = true,
	.leaves = gate_leaves,
	.leaves_of = gate_leaves_of,
	.check = gate_check,
	.ask = gate_ask,
};
