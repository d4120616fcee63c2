#include "engine/work.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "journal/rundir.h"

int
work_body(const struct body *body, struct names *names, struct arena *a,
    struct body *out, struct err *err)
{
	struct value name;

	*out = *body;
	if (out->host != NULL || out->host_text == NULL)
		return 0;
	if (text_eval(body->host_text, &names->scope, a, &name, err) != 0)
		return -1;
	out->host = book_host(names->e->book, name.u.string.p);
	if (out->host == NULL)
		return err_at(err, text_mark(body->host_text), "there is no "
		    "host '%s'", name.u.string.p);
	return 0;
}

void
work_call(struct kind_call *call, struct names *names,
    const struct body *body, struct arena *a, const char *nonce,
    enum effect effect, bool is_look)
{
	memset(call, 0, sizeof *call);
	call->arena = a;
	call->scope = &names->scope;
	call->body = body;
	call->work_dir = names->e->work_dir;
	call->base_env = names->e->base_env;
	call->files_fd = names->e->drive->dir->files_fd;
	call->effect = effect;
	call->is_look = is_look;
	call->nonce = nonce;
	call->address = names->at == NULL ? "" : names->at->address;
}

static void
add_results(struct work_result *w, struct value kind_values)
{
	size_t i;

	for (i = 0; i < kind_values.u.map.n; i++) {
		const struct value_entry *en = &kind_values.u.map.entries[i];

		value_map_put(&w->self, en->key, en->key_len, en->value);
		if (strcmp(en->key, "out") != 0 && strcmp(en->key, "err") != 0)
			value_map_put(&w->results, en->key, en->key_len,
			    en->value);
	}
}

int
work_read(struct engine *e, const struct kind_call *call, int slot,
    const struct job_result *r, struct work_result *w, struct err *err)
{
	const struct kind *kind = kind_of(call->body->kind);
	struct kind_outcome o = { .job = r };
	/* a worker's result is read whole, what a command prints is not */
	size_t limit = kind->is_worker ? LIMIT_WORKER_RESULT :
	    LIMIT_OUT_IN_EXPR;
	struct value v = value_null();

	memset(w, 0, sizeof *w);
	w->self.arena = w->results.arena = call->arena;
	w->began = r->outcome != JOB_NOT_EXECUTED;
	if (output_read(e, &w->out, slot, 1, r->out, limit, err) != 0 ||
	    output_read(e, &w->err, slot, 2, r->err, LIMIT_OUT_IN_EXPR,
	    err) != 0)
		return -1;
	o.out = w->out.text.data;
	o.out_len = w->out.text.len;
	o.out_cut = w->out.cut;
	o.err_out = w->err.text.data;
	o.err_len = w->err.text.len;
	if (kind->read(call, &o, &v, err) != 0)
		return -1;
	if (v.type == VALUE_MAP)
		add_results(w, v);
	return 0;
}

void
work_free(struct work_result *w)
{
	output_free(&w->out);
	output_free(&w->err);
}

int
work_check_status(const struct ints *ok_exit, const struct value *self,
    struct err *err)
{
	const struct value *rc = value_member(*self, "rc", 2);
	size_t i;

	if (rc == NULL || rc->type != VALUE_INT)
		return 0;
	if (!ok_exit->set && rc->u.integer == 0)
		return 0;
	for (i = 0; i < ok_exit->n; i++)
		if (ok_exit->v[i] == rc->u.integer)
			return 0;
	return err_set(err, "it ended with status %lld",
	    (long long)rc->u.integer);
}
