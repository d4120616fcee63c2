#include "kind/copy.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/escape.h"
#include "base/limits.h"
#include "kind/call.h"
#include "kind/worker.h"
#include "yaml/node.h"

struct place {
	struct text *path;
	const char *mode;            /* of the target, octal, or NULL */
};

struct copy {
	struct place from, to;
	struct text *sha256;
};

/* ---- rows */

static const struct field from_fields[] = {
	{ "path", &field_text, offsetof(struct place, path),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL, "The file." },
	{ "host", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ "as", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ 0 }
};

static const struct field to_fields[] = {
	{ "path", &field_text, offsetof(struct place, path),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL,
	  "The file's own name there; its directory has to exist." },
	{ "mode", &field_plain, offsetof(struct place, mode), 0, NULL,
	  "Its permissions in octal, like '0640'; by default those of the "
	  "source." },
	{ "host", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ "as", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ "owner", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ 0 }
};

static const struct shape from_shape = {
	.name = "`from`", .fields = from_fields, .size = sizeof(struct place),
	.help = "What is copied.",
};
static const struct shape to_shape = {
	.name = "`to`", .fields = to_fields, .size = sizeof(struct place),
	.help = "Where it goes.",
};

static int
place_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	struct place *p = dst;

	return node->type == NODE_SCALAR ?
	    field_text.decode(d, node, f, &p->path) :
	    shape_decode(d, f->arg, node, p);
}

static int
place_walk(const struct field *f, const void *src, const struct visitor *v)
{
	return shape_walk(f->arg, src, v);
}

static const struct field_type field_place = {
	"a path or {path: …}", place_decode, place_walk,
	"{\"anyOf\": [{\"$ref\": \"@text\"}, {\"$ref\": \"@arg\"}]}"
};

static const struct field copy_fields[] = {
	{ "from", &field_place, offsetof(struct copy, from),
	  FIELD_REQUIRED | FIELD_NO_SECRET, &from_shape,
	  "The file that is copied: a path, or {path: …}." },
	{ "to", &field_place, offsetof(struct copy, to),
	  FIELD_REQUIRED | FIELD_NO_SECRET, &to_shape,
	  "Where it goes: a path, or {path: …, mode: …}." },
	{ "sha256", &field_text, offsetof(struct copy, sha256),
	  FIELD_NO_SECRET, NULL,
	  "What the file has to hash to; anything else fails and leaves "
	  "nothing behind." },
	{ "streams", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ "limit", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ 0 }
};

static const struct shape copy_shape = {
	.name = "`copy`", .fields = copy_fields, .size = sizeof(struct copy),
	.help = "One file, whole or not at all.",
};

static const char *const copy_leaves[] = { "bytes", "sha256", "files", NULL };

/* ---- words */

static int
read_mode(const char *s, int64_t *out)
{
	size_t n = strspn(s, "01234567");

	if (s[n] != '\0' || n < 3 || n > 4)
		return -1;
	for (*out = 0; *s != '\0'; s++)
		*out = *out * 8 + (*s - '0');
	return 0;
}

static void
copy_check(const void *spec, const struct body *body, enum effect effect,
    struct errs *errs)
{
	const struct copy *c = spec;
	int64_t mode;

	(void)effect;
	check_joined(c->from.path, errs);
	check_joined(c->to.path, errs);
	if (c->to.mode == NULL)
		return;
	if (read_mode(c->to.mode, &mode) != 0)
		errs_add(errs, body->mark, "`mode` is three or four octal "
		    "digits, like '0640'");
	else if ((mode & 07000) != 0)
		errs_add(errs, body->mark, "a `mode` that makes a program run "
		    "as somebody else is not set by a copy");
}

/* No component may be empty or lead somewhere else (V7, V8). */
static int
check_path(const char *s, struct mark mark, struct err *err)
{
	const char *p = s[0] == '/' ? s + 1 : s;
	size_t n;

	for (n = 0; s[n] != '\0'; n++)
		if ((unsigned char)s[n] < ' ' || s[n] == 0x7f) {
			err_at(err, mark, "the path holds a control "
			    "character");
			return s[n] != '\n' ? -1 : err_hint(err, "a newline "
			    "at the end goes away with trim()");
		}
	for (;; p += n + 1) {
		n = strcspn(p, "/");
		if (n == 0)
			return err_at(err, mark, "a part of the path is "
			    "empty; it has to name the file itself");
		if (strncmp(p, "..", n) == 0 && n <= 2)
			return err_at(err, mark, "\".\" and \"..\" may not "
			    "stand in a path");
		if (p[n] == '\0')
			return 0;
	}
}

/* A value from outside that stands after "/" is one component. */
static int
check_foreign(const struct kind_call *call, const struct text *t,
    struct err *err)
{
	struct value v;
	size_t i;

	for (i = 1; i < t->n; i++) {
		const struct text_part *before = &t->parts[i - 1];
		const struct expr *e = t->parts[i].expr;

		if (e == NULL || before->literal == NULL || before->len == 0 ||
		    before->literal[before->len - 1] != '/')
			continue;
		if (expr_eval(e, call->scope, call->arena, &v, err) != 0)
			return -1;
		if (v.type == VALUE_STRING && (v.flags & VALUE_FOREIGN) &&
		    strchr(v.u.string.p, '/') != NULL)
			return err_at(err, expr_mark(e), "this comes from "
			    "outside and is more than one component of a "
			    "path; use path_join()");
	}
	return 0;
}

static int
eval_path(const struct kind_call *call, const struct text *t,
    struct value *out, struct err *err)
{
	struct value v;

	if (call_text(call, t, &v, err) != 0 ||
	    check_foreign(call, t, err) != 0 ||
	    check_path(v.u.string.p, text_mark(t), err) != 0)
		return -1;
	if (v.u.string.p[0] != '/')
		v = value_cstring(call->arena, arena_printf(call->arena,
		    "%s/%s", call->work_dir, v.u.string.p));
	v.flags = 0;
	*out = v;
	return 0;
}

static int
eval_sha256(const struct kind_call *call, const struct text *t,
    struct value *out, struct err *err)
{
	struct value v;
	char *hex;
	size_t i;

	*out = value_null();
	if (t == NULL)
		return 0;
	if (call_text(call, t, &v, err) != 0)
		return -1;
	hex = arena_strndup(call->arena, v.u.string.p, v.u.string.n);
	for (i = 0; hex[i] != '\0'; i++)
		if (hex[i] >= 'A' && hex[i] <= 'F')
			hex[i] = (char)(hex[i] - 'A' + 'a');
	if (i != DIGEST_HEX || strspn(hex, "0123456789abcdef") != i)
		return err_at(err, text_mark(t), "`sha256` is %d hexadecimal "
		    "digits", DIGEST_HEX);
	*out = value_cstring(call->arena, hex);
	return 0;
}

/* What an interrupted attempt of this step, in this run, left can be told
 * from anything else. */
static struct value
part_name(const struct kind_call *call)
{
	char *whose = arena_printf(call->arena, "%s\n%s", call->work_dir,
	    call->address);
	char hex[DIGEST_HEX + 1];

	sha256_hex(whose, strlen(whose), hex);
	return value_cstring(call->arena, arena_printf(call->arena,
	    COPY_PART "%.16s-", hex));
}

/* ---- the kind */

static struct value
show(const struct kind_call *call, const struct copy *c, struct value from,
    struct value to, struct value sha256)
{
	struct buf out = BUF_INIT(LIMIT_STDIN);
	struct value v;

	buf_adds(&out, "cp -p -- ");
	escape_shell(&out, from.u.string.p, from.u.string.n);
	buf_addc(&out, ' ');
	escape_shell(&out, to.u.string.p, to.u.string.n);
	if (c->to.mode != NULL) {
		buf_addf(&out, " && chmod %s -- ", c->to.mode);
		escape_shell(&out, to.u.string.p, to.u.string.n);
	}
	if (sha256.type == VALUE_STRING)
		buf_addf(&out, " # sha256 %s", sha256.u.string.p);
	v = value_string(call->arena, out.data, out.len);
	buf_free(&out);
	return v;
}

static int
copy_make(const struct kind_call *call, struct kind_job *job, struct err *err)
{
	const struct copy *c = call->body->spec;
	struct value_map m = { .arena = call->arena };
	struct kind_job made = { .spec = { .worker = "copy",
	    .cwd = call->work_dir, .env = call->base_env } };
	struct value from, to, sha256;
	int64_t mode = -1;

	if (eval_path(call, c->from.path, &from, err) != 0 ||
	    eval_path(call, c->to.path, &to, err) != 0 ||
	    eval_sha256(call, c->sha256, &sha256, err) != 0)
		return -1;
	if (c->to.mode != NULL)
		read_mode(c->to.mode, &mode);
	worker_put(&m, "from", from);
	worker_put(&m, "to", to);
	worker_put(&m, "mode", mode < 0 ? value_null() : value_int(mode));
	worker_put(&m, "sha256", sha256);
	worker_put(&m, "part", part_name(call));
	worker_send(call->arena, value_map_done(&m), &made.spec);
	made.shown = show(call, c, from, to, sha256);
	*job = made;
	return 0;
}

static int
copy_read(const struct kind_call *call, const struct kind_outcome *o,
    struct value *self, struct err *err)
{
	struct value_map m = { .arena = call->arena };
	struct value result;

	if (worker_result(call, o, &result, err) != 0)
		return -1;
	if (strlen(worker_text(result, "sha256")) != DIGEST_HEX)
		return err_set(err, "the worker ended without a hash");
	worker_put(&m, "bytes", value_of(VALUE_SIZE,
	    worker_int(result, "bytes")));
	worker_put(&m, "sha256", worker_member(result, "sha256"));
	worker_put(&m, "files", value_int(worker_int(result, "files")));
	*self = value_map_done(&m);
	return 0;
}


const struct kind kind_copy = {
	.shape = {
		"copy",
		"Copies one file. It gets its name only when it is whole, on "
		"disk, and read back with the hash of what was read from the "
		"source (and with `sha256`, if that is given); until then it "
		"has a temporary name beside it. A file of that name with "
		"that hash is left as it is. Mode and times are kept. It makes "
		"no directories, and may be run again at any time. It leaves "
		"`bytes`, `sha256` and `files`, how many.",
		{ "copy", &field_shape, 0, 0, &copy_shape,
		  "One file, whole or not at all." },
		sizeof(struct copy),
	},
	.flow = FLOW_JOB,
	.effect = EFFECT_CHANGES,
	.in_undo = true,
	.leaves = copy_leaves,
	.check = copy_check,
	.make = copy_make,
	.read = copy_read,
	.again = true,
	.is_worker = true,
};
