/* Layers, defaults, and what decoded steps look like. */
#include "book_help.h"

#include "book/text.h"

#define STEPS(...) "steps:\n" __VA_ARGS__


static const struct step *step_of(const struct made *m, const char *id)
{
	const struct step *s = book_step(m->book, id);

	assert_non_null(s);
	return s;
}

static const char *env_of(const struct step *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->body.env.n; i++)
		if (strcmp(s->body.env.v[i].name, name) == 0)
			return text_source(s->body.env.v[i].text);
	return NULL;
}

static void defaults_of_a_step(void **state)
{
	const struct step *s;
	struct made m;

	(void)state;
	make_book(&m, STEPS(
	    "- {id: a, title: A, run: x}\n"
	    "- {id: b, title: B, run: x, effect: reads, timeout: 1h30m}\n"
	    "- {id: c, title: C, gate: {ask: Q}}\n"
	    "- {id: d, title: D, verify: 1 == 1}\n"
	    "- {id: e, title: E, http: {get: 'http://h/'}}\n"
	    "- {id: f, title: F, http: {post: 'http://h/'}}\n"), NULL);
	s = step_of(&m, "a");
	assert_int_equal(s->effect, EFFECT_CHANGES);
	assert_false(s->repeatable);
	assert_true(s->every == 5 * NSEC_PER_SEC);
	assert_true(s->within == 0 && s->timeout == 0);
	assert_false(s->ok_exit.set);
	assert_true(s->body.host->local);
	assert_string_equal(s->body.host->name, "local");
	assert_int_equal(s->mark.line, 4);
	assert_int_equal(s->mark.col, 8);
	s = step_of(&m, "b");
	assert_true(s->repeatable);
	assert_true(s->timeout == 5400 * NSEC_PER_SEC);
	s = step_of(&m, "c");
	assert_true(s->every == 30 * NSEC_PER_SEC);
	assert_int_equal(step_of(&m, "d")->effect, EFFECT_READS);
	assert_null(step_of(&m, "d")->body.kind);
	assert_int_equal(step_of(&m, "e")->effect, EFFECT_READS);
	assert_int_equal(step_of(&m, "f")->effect, EFFECT_CHANGES);
	assert_int_equal(step_of(&m, "f")->order, 5);
	free_book(&m);
}

static void layers(void **state)
{
	const struct step *s;
	struct made m;

	(void)state;
	make_book(&m,
	    "hosts: {h: {local: true}}\n"
	    "checks: {c1: 1 == 1, c2: 2 == 2, c3: 3 == 3}\n"
	    "templates:\n"
	    "  low: {require: c3, refuse: three, cwd: /low, env: {A: 3, C: 3},"
	    " http: {get: 'http://h/'}, ok_exit: [0, 3]}\n"
	    "  high: {template: low, require: c2, refuse: [two], host: h,"
	    " env: {A: 2, B: 2}, run: x}\n"
	    STEPS(
	    "- {id: a, title: A, template: high, require: c1, refuse: one,"
	    " env: {A: 1}, ok_exit: 1, effect: reads}\n"
	    "- {id: b, title: B, template: high, run: [y], cwd: /own,"
	    " effect: reads}\n"), NULL);
	s = step_of(&m, "a");
	assert_int_equal(s->require.n, 3);
	assert_string_equal(s->require.v[0].check_name, "c1");
	assert_string_equal(s->require.v[1].check_name, "c2");
	assert_string_equal(s->require.v[2].check_name, "c3");
	assert_int_equal(s->require.v[2].mark.line, 6);
	assert_int_equal(s->refuse.n, 3);
	assert_string_equal(text_source(s->refuse.v[2].text), "three");
	assert_non_null(s->refuse.v[0].rx);
	assert_string_equal(env_of(s, "A"), "1");
	assert_string_equal(env_of(s, "B"), "2");
	assert_string_equal(env_of(s, "C"), "3");
	assert_int_equal(s->ok_exit.n, 1);
	assert_int_equal(s->ok_exit.v[0], 1);
	assert_string_equal(text_source(s->body.cwd), "/low");
	assert_string_equal(s->body.host->name, "h");
	assert_string_equal(s->body.kind->name, "run");
	assert_string_equal(s->template_name, "high");
	s = step_of(&m, "b");
	assert_string_equal(text_source(s->body.cwd), "/own");
	assert_string_equal(s->body.kind->name, "run");
	assert_int_equal(s->body.mark.line, 10);
	free_book(&m);
}

static void defaults_of_a_file(void **state)
{
	const struct step_file *f;
	struct made m;

	(void)state;
	make_book(&m, "hosts: {h: {local: true}}\n"
	    STEPS("- {id: a, title: A, include: f.yaml, with: {x: '1'}}\n"
	    "- {id: b, title: B, include: f.yaml, with: {x: '2'}}\n"),
	    "inputs: {x: {type: int}, y: {type: string, default: z}}\n"
	    "defaults: {host: h, cwd: /d, effect: changes, repeatable: true,"
	    " timeout: 1m, undo: {none: why}, env: {A: d}, expect: x}\n"
	    "steps:\n"
	    "- {id: one, title: O, run: x, env: {B: o}}\n"
	    "- {id: two, title: T, gate: {ask: Q}}\n"
	    "- {id: three, title: T, verify: 1 == 1}\n"
	    "- {id: four, title: F, http: {post: 'http://h/'},"
	    " undo: {run: y}}\n"
	    "- {id: five, title: F, wait: 5m}\n");
	f = step_of(&m, "a")->include;
	assert_ptr_equal(f, step_of(&m, "b")->include);
	assert_int_equal(step_of(&m, "a")->effect, EFFECT_DEFAULT);
	assert_int_equal(f->steps.n, 5);
	assert_string_equal(f->steps.v[0]->body.host->name, "h");
	assert_string_equal(env_of(f->steps.v[0], "A"), "d");
	assert_string_equal(env_of(f->steps.v[0], "B"), "o");
	assert_true(f->steps.v[0]->repeatable);
	assert_string_equal(text_source(f->steps.v[0]->undo->none), "why");
	assert_int_equal(f->steps.v[0]->expect.n, 1);
	assert_int_equal(f->steps.v[1]->effect, EFFECT_DEFAULT);
	assert_true(f->steps.v[1]->timeout == 0);
	assert_int_equal(f->steps.v[2]->expect.n, 0);
	assert_null(f->steps.v[3]->body.cwd);
	assert_null(f->steps.v[3]->undo->none);
	assert_int_equal(f->steps.v[4]->effect, EFFECT_READS);
	assert_ptr_equal(f->steps.v[0]->file, f);
	free_book(&m);
}

static void undo_steps(void **state)
{
	const struct step *s, *undo;
	struct made m;

	(void)state;
	make_book(&m, "params: {p: {type: string}}\n" STEPS(
	    "- {id: a, title: 'Set ${{ params.p }}', run: x,"
	    " undo: {run: y, within: 1m, done_when: 1 == 1}}\n"
	    "- {id: b, title: B, run: x, undo: {title: Back, run: y,"
	    " repeatable: true, effect: reads}}\n"), NULL);
	s = step_of(&m, "a");
	undo = s->undo->step;
	assert_string_equal(text_source(undo->title),
	    "Undo: Set ${{ params.p }}");
	assert_int_equal(undo->title->n, 3);
	assert_string_equal(undo->id, "a");
	assert_int_equal(undo->effect, EFFECT_CHANGES);
	assert_true(undo->within == 60 * NSEC_PER_SEC);
	undo = step_of(&m, "b")->undo->step;
	assert_string_equal(text_source(undo->title), "Back");
	assert_true(undo->repeatable);
	assert_true(strlen(undo->fingerprint) == DIGEST_HEX);
	free_book(&m);
}

static void looks_and_captures(void **state)
{
	const struct step *s;
	struct made m;

	(void)state;
	make_book(&m, "checks: {room: {inputs: {n: {type: size}}, title: Room,"
	    " run: [df], holds: int(self.out) > inputs.n}}\n" STEPS(
	    "- id: a\n  title: A\n  run: x\n  effect: reads\n  verify:\n"
	    "  - self.rc == 0\n"
	    "  - {check: room, with: {n: 5 GiB}, title: Enough,"
	    " when: 1 == 1}\n"
	    "  - {run: 'true', ok_exit: [0, 1], timeout: 5s}\n"
	    "  capture:\n"
	    "    e: trim(self.out)\n"
	    "    m: {match: '(\\d+)', pick: last, type: int, default: 7}\n"
	    "    p: {path: /x}\n"), NULL);
	s = step_of(&m, "a");
	assert_int_equal(s->verify.v[0].how, COND_EXPR);
	assert_int_equal(s->verify.v[1].how, COND_CHECK);
	assert_ptr_equal(s->verify.v[1].check, book_check(m.book, "room"));
	assert_true(s->verify.v[1].check->cond.timeout ==
	    60 * NSEC_PER_SEC);
	assert_int_equal(s->verify.v[2].how, COND_LOOK);
	assert_true(s->verify.v[2].timeout == 5 * NSEC_PER_SEC);
	assert_int_equal(s->verify.v[2].ok_exit.n, 2);
	assert_int_equal(s->capture.n, 3);
	assert_int_equal(s->capture.v[0].how, CAPTURE_EXPR);
	assert_int_equal(s->capture.v[1].how, CAPTURE_MATCH);
	assert_int_equal(s->capture.v[1].pick, PICK_LAST);
	assert_true(s->capture.v[1].has_default);
	assert_int_equal(s->capture.v[1].def.type, VALUE_INT);
	assert_int_equal(s->capture.v[1].def.u.integer, 7);
	assert_int_equal(s->capture.v[2].how, CAPTURE_PATH);
	free_book(&m);
}

static void files_of_the_snapshot(void **state)
{
	struct made m;

	(void)state;
	make_book(&m, STEPS("- {id: a, title: A, run: [cat],"
	    " stdin: {file: f.yaml}, effect: reads}\n"), "any bytes");
	assert_int_equal(m.book->files.n, 2);
	assert_string_equal(m.book->files.v[0].path, "runbook.yaml");
	assert_string_equal(m.book->files.v[1].path, "f.yaml");
	assert_string_equal(step_of(&m, "a")->body.input.bytes, "any bytes");
	assert_int_equal(step_of(&m, "a")->body.input.len, 9);
	assert_int_equal(strlen(m.book->files.v[1].digest), DIGEST_HEX);
	free_book(&m);
}

static int count(void *ctx, const struct field *f, const struct text *t,
    const struct expr *e)
{
	(void)f;
	assert_true((t == NULL) != (e == NULL));
	++*(int *)ctx;
	return 0;
}

static void visitors(void **state)
{
	const struct step *s;
	int n = 0;
	const struct visitor v = { count, &n };
	struct made m;

	(void)state;
	make_book(&m, STEPS("- {id: a, title: A, run: [a, b, c]}\n"
	    "- {id: b, title: B, http: {post: 'http://h/', headers: {A: b},"
	    " body: x}}\n"
	    "- {id: c, title: C, gate: {ask: Q, show: {A: b}}}\n"), NULL);
	s = step_of(&m, "a");
	kind_shape_walk(s->body.kind, s->body.spec, &v);
	assert_int_equal(n, 3);
	n = 0;
	s = step_of(&m, "b");
	kind_shape_walk(s->body.kind, s->body.spec, &v);
	assert_int_equal(n, 3);
	n = 0;
	s = step_of(&m, "c");
	kind_shape_walk(s->body.kind, s->body.spec, &v);
	assert_int_equal(n, 2);
	free_book(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_of_a_step),
		cmocka_unit_test(layers),
		cmocka_unit_test(defaults_of_a_file),
		cmocka_unit_test(undo_steps),
		cmocka_unit_test(looks_and_captures),
		cmocka_unit_test(files_of_the_snapshot),
		cmocka_unit_test(visitors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
