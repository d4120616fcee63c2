/* A book of one step under test, a scope with values, and workers run in a
 * child, for tests of kind/. */
#ifndef CAIRN_TESTS_KIND_HELP_H
#define CAIRN_TESTS_KIND_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "book/decode.h"
#include "book/json.h"
#include "kind/kind.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

struct kit {
	char dir[32];                /* its own, 0700 */
	int fd;
	struct arena *arena;
	struct book *book;
	const struct step *step;     /* the last one of the book */
	const struct kind *kind;
	struct value_map roots[3];   /* params, steps, secrets */
	struct scope scope;
	struct kind_call call;
	struct kind_job job;
	char *complaint;             /* errors of the book, or NULL */
};

static const char *const kit_roots[] = { "params", "steps", "secrets" };
static const char *const kit_env[] = { "PATH=/usr/bin:/bin", "LANG=C", NULL };

static inline int
kit_get(void *ctx, const char *root, const char *name, struct arena *a,
    struct value *out, struct err *err)
{
	struct kit *k = ctx;
	const struct value *v = NULL;
	size_t i;

	(void)a;
	for (i = 0; i < COUNT(kit_roots) && name != NULL; i++)
		if (strcmp(root, kit_roots[i]) == 0)
			v = value_member(value_map_done(&k->roots[i]), name,
			    strlen(name));
	if (v == NULL)
		return err_set(err, "no %s.%s", root, name);
	*out = *v;
	return 0;
}

static inline void
kit_open(struct kit *k)
{
	size_t i;

	memset(k, 0, sizeof *k);
	/* memory, where there is some: the copies are synced very often */
	strcpy(k->dir, access("/dev/shm", W_OK) == 0 ?
	    "/dev/shm/cairn-kind-XXXXXX" : "/tmp/cairn-kind-XXXXXX");
	assert_non_null(mkdtemp(k->dir));
	k->fd = open(k->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	k->arena = arena_new();
	k->scope = (struct scope){ .get = kit_get, .ctx = k };
	for (i = 0; i < COUNT(kit_roots); i++)
		k->roots[i].arena = k->arena;
}

static inline void
kit_close(struct kit *k)
{
	struct err err = ERR_INIT;

	book_free(k->book);
	arena_free(k->arena);
	free(k->complaint);
	close(k->fd);
	file_remove_tree(AT_FDCWD, k->dir, &err);
	err_free(&err);
}

/* root: 0 params, 1 steps, 2 secrets. */
static inline void
kit_set(struct kit *k, int root, const char *name, struct value v)
{
	if (root == 1)
		v.flags |= VALUE_FOREIGN;
	if (root == 2)
		v.flags |= VALUE_SECRET;
	value_map_put(&k->roots[root], name, strlen(name), v);
}

static inline void
kit_params(struct kit *k, const char *json)
{
	struct err err = ERR_INIT;
	struct value v;
	size_t i;

	if (value_from_json(k->arena, json, strlen(json), &v, &err) != 0)
		fail_msg("%s", err.text);
	for (i = 0; i < v.u.map.n; i++)
		kit_set(k, 0, v.u.map.entries[i].key,
		    v.u.map.entries[i].value);
}

static inline char *
kit_errors(struct errs *errs)
{
	struct buf b = BUF_INIT(1 << 20);
	size_t i;

	for (i = 0; i < errs->list.n; i++)
		buf_addf(&b, "%s; %s\n", errs->list.v[i].text,
		    errs->list.v[i].hint ? errs->list.v[i].hint : "");
	return buf_detach(&b, NULL);
}

/* Reads a book whose last step is `body`: keys of a step, indented by four.
 * k->complaint is set when the book is refused. */
static inline void
kit_book(struct kit *k, const char *body)
{
	struct book_place place = { .dirfd = k->fd,
	    .file = "runbook.yaml", .shown = "" };
	struct errs errs = { 0 }, warnings = { 0 };
	struct buf b = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;

	buf_addf(&b, "version: 1\nname: t\nparams:\n"
	    "  x: {type: string, default: ''}\n"
	    "  y: {type: string, default: ''}\n"
	    "  n: {type: int, default: 1}\n"
	    "  list: {type: list, default: []}\n"
	    "  v: {type: string, default: ''}\n"
	    "  odd: {type: string, default: ''}\n"
	    "  url: {type: string, default: ''}\n"
	    "  at: {type: string, default: ''}\n"
	    "  host: {type: string, default: ''}\n"
	    "  port: {type: string, default: ''}\n"
	    "  dots: {type: string, default: ''}\n"
	    "  dot: {type: string, default: ''}\n"
	    "  empty: {type: string, default: ''}\n"
	    "  dash: {type: string, default: ''}\n"
	    "  none: {type: list, default: []}\n"
	    "  left: {type: map, default: {}}\n"
	    "  right: {type: map, default: {}}\n"
	    "secrets:\n  pw: {env: PW}\n"
	    "environments:\n  here:\n    identity:\n"
	    "      - {run: [hostname], holds: \"self.rc == 0\"}\n"
	    "      - {http: {get: 'http://h/'}, holds: self.status == 200}\n"
	    "hosts:\n  box: {local: true, environment: here,"
	    " env: {FROM_HOST: h}}\n"
	    "steps:\n"
	    "  - id: seen\n    title: Seen\n    run: [echo, a]\n"
	    "    effect: reads\n    capture: {path: trim(self.out)}\n"
	    "  - id: it\n    title: It\n%s", body);
	book_free(k->book);
	free(k->complaint);
	k->complaint = NULL;
	if (file_write_atomic(k->fd, "runbook.yaml", b.data, b.len, &err) != 0)
		fail_msg("%s", err.text);
	k->book = book_load(&place, kinds_for_book(), &errs, &warnings);
	if (k->book == NULL) {
		k->complaint = kit_errors(&errs);
	} else {
		k->step = book_step(k->book, "it");
		k->kind = kind_of(k->step->body.kind);
	}
	errs_free(&warnings);
	errs_free(&errs);
	buf_free(&b);
}

/* The call of an attempt of that step. */
static inline void
kit_call(struct kit *k, bool is_look)
{
	k->call = (struct kind_call){
		.arena = k->arena, .scope = &k->scope, .body = &k->step->body,
		.work_dir = k->dir, .base_env = kit_env, .files_fd = -1,
		.effect = k->step->effect, .is_look = is_look,
		.nonce = "0123456789abcdef0123456789abcdef", .address = "it",
		.attempt = 1,
	};
}

static inline int
kit_make(struct kit *k, const char *body, struct err *err)
{
	kit_book(k, body);
	if (k->complaint != NULL)
		fail_msg("the book is refused: %s\n%s", k->complaint, body);
	kit_call(k, false);
	return k->kind->make(&k->call, &k->job, err);
}

static inline const char *
kit_shown(const struct kit *k)
{
	return k->job.shown.u.string.p;
}

/* A row: `body` is refused when the book is read, or when it is made, with
 * these words; NULL: it is not. */
static inline void
kit_expect(struct kit *k, const char *body, const char *words)
{
	struct err err = ERR_INIT;
	const char *want = words == NULL ? "nothing" : words;
	const char *got = "nothing";

	kit_book(k, body);
	if (k->complaint == NULL) {
		kit_call(k, false);
		if (k->kind->make(&k->call, &k->job, &err) != 0)
			got = err.text == NULL ? "no words" : err.text;
	} else {
		got = k->complaint;
	}
	if (words == NULL ? strcmp(got, want) != 0 :
	    strstr(got, want) == NULL)
		fail_msg("%s\nwanted: %s\ngot: %s", body, want, got);
	err_free(&err);
}

/* ---- running what was made */

static inline char *
kit_slurp(int fd, size_t *len)
{
	struct buf b = BUF_INIT(128 << 20);
	struct err err = ERR_INIT;

	lseek(fd, 0, SEEK_SET);
	if (file_read_fd(fd, "output", &b, &err) != 0)
		fail_msg("%s", err.text);
	return buf_detach(&b, len);
}

static inline void
kit_exec_child(const struct job_spec *spec, int out)
{
	int script, in;

	dup2(out, 1);
	if (spec->script != NULL) {
		script = memfd_create("script", 0);
		write_all(script, spec->script, spec->script_len);
		dup2(script, JOB_SCRIPT_FD);
	}
	in = memfd_create("in", 0);
	if (spec->input != NULL)
		write_all(in, spec->input, spec->input_len);
	lseek(in, 0, SEEK_SET);
	dup2(in, 0);
	if (chdir(spec->cwd) == 0)
		execvpe(spec->argv[0], (char *const *)(uintptr_t)spec->argv,
		    (char *const *)(uintptr_t)spec->env);
	_exit(127);
}

/* Runs the job, command or worker; its output, to be freed. *status is
 * waitpid's. */
static inline char *
kit_run(struct kit *k, int *status)
{
	const struct worker *w = kinds_workers();
	int out = memfd_create("out", 0);
	pid_t pid = fork();
	char *text;

	if (pid == 0 && !k->kind->is_worker)
		kit_exec_child(&k->job.spec, out);
	if (pid == 0) {
		while (strcmp(w->name, k->job.spec.worker) != 0)
			w++;
		dup2(out, 1);
		_exit(w->run(k->job.spec.request, k->job.spec.request_len));
	}
	assert_int_equal(waitpid(pid, status, 0), pid);
	text = kit_slurp(out, NULL);
	close(out);
	return text;
}

/* What the kind reads of it. */
static inline int
kit_read(struct kit *k, const char *out, int status, struct value *self,
    struct err *err)
{
	struct job_result r = { .outcome = WIFEXITED(status) ? JOB_EXITED :
	    JOB_SIGNALED, .status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    WTERMSIG(status) };
	struct kind_outcome o = { &r, out, "", strlen(out), 0, false };

	return k->kind->read(&k->call, &o, self, err);
}

static inline struct value
kit_member(struct value map, const char *key)
{
	const struct value *v = map.type != VALUE_MAP ? NULL :
	    value_member(map, key, strlen(key));

	if (v == NULL)
		fail_msg("no %s", key);
	return *v;
}

#endif
