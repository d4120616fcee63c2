#include "engine/capture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/rx.h"
#include "base/source.h"
#include "book/decode.h"

/* The pattern with its values put in, each quoted; `*own` when it has to be
 * freed. */
static const struct rx *
pattern_rx(const struct pattern *p, struct names *names, struct arena *a,
    struct rx **own, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_CAPTURE);
	size_t i;

	*own = NULL;
	if (p->rx != NULL)
		return p->rx;
	for (i = 0; i < p->text->n; i++) {
		const struct text_part *part = &p->text->parts[i];
		struct buf value = BUF_INIT(LIMIT_CAPTURE);
		struct value v;

		if (part->literal != NULL) {
			buf_add(&text, part->literal, part->len);
			continue;
		}
		if (expr_eval(part->expr, &names->scope, a, &v, err) == 0 &&
		    value_text(&value, v, err) == 0)
			rx_quote(&text, value.data, value.len);
		err_place(err, expr_mark(part->expr));
		buf_free(&value);
	}
	if (!err->set)
		*own = rx_compile(text.data, text.len, RX_LINES, err);
	buf_free(&text);
	return *own;
}

/* ---- one capture */

struct picked {
	struct arena *arena;
	struct value_list all;
};

static void
pick(const char *s, size_t n, void *ctx)
{
	struct picked *p = ctx;

	if (p->all.n < 100000)
		value_list_add(&p->all, value_string(p->arena, s,
		    n < LIMIT_CAPTURE ? n : LIMIT_CAPTURE));
}

static int
convert(const struct capture *c, struct arena *a, struct value in,
    struct value *out, struct err *err)
{
	struct decl d = { .name = c->name, .type = c->type, .multiline = true,
	    .mark = c->mark };

	return decl_value_of_text(a, &d, in.u.string.p, in.u.string.n, out,
	    err);
}

static int
pick_all(const struct capture *c, const struct value_list *all,
    struct arena *a, struct value *out, struct err *err)
{
	struct value_list list = { .arena = a };
	struct value v;
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (convert(c, a, all->items[i], &v, err) != 0)
			return -1;
		value_list_add(&list, v);
	}
	*out = value_list_done(&list);
	return 0;
}

static int
take_match(const struct capture *c, struct names *names,
    const struct output *out, struct arena *a, struct value *v,
    struct err *err)
{
	struct picked picked = { a, { .arena = a } };
	struct rx *own;
	const struct rx *rx = pattern_rx(&c->match, names, a, &own, err);
	enum found found;

	if (rx == NULL)
		return -1;
	found = output_each(names->e, out, rx, pick, &picked);
	rx_free(own);
	if (found == FOUND_CANNOT)
		return err_at(err, c->mark, "capture '%s': a limit was hit "
		    "while looking for it", c->name);
	if (c->pick == PICK_ALL)
		return pick_all(c, &picked.all, a, v, err);
	if (picked.all.n == 0 && c->has_default) {
		*v = c->def;
		return 0;
	}
	if (picked.all.n == 0)
		return err_at(err, c->mark, "capture '%s': nothing in the "
		    "output fits its pattern", c->name);
	if (c->pick == PICK_ONE && picked.all.n != 1)
		return err_at(err, c->mark, "capture '%s': %zu places in the "
		    "output fit its pattern, exactly one is expected", c->name,
		    picked.all.n);
	return convert(c, a, picked.all.items[c->pick == PICK_LAST ?
	    picked.all.n - 1 : 0], v, err);
}

static int
digest_file(int fd, const char *path, char hex[DIGEST_HEX + 1],
    struct err *err)
{
	struct digest *d = digest_new();
	char *chunk = xmalloc(MIB);
	ssize_t n;

	while ((n = read(fd, chunk, MIB)) > 0)
		digest_add(d, chunk, (size_t)n);
	digest_hex(d, hex);
	digest_free(d);
	free(chunk);
	return n < 0 ? err_errno(err, "%s", path) : 0;
}

/* {path}: name, path, size and sha256 of a file on this machine. */
static int
take_path(const struct capture *c, struct names *names, struct arena *a,
    struct value *out, struct err *err)
{
	struct value_map m = { .arena = a };
	char hex[DIGEST_HEX + 1];
	struct value path;
	struct stat st;
	const char *name;
	int fd, result;

	if (text_eval(c->path, &names->scope, a, &path, err) != 0)
		return -1;
	fd = open(path.u.string.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_errno(err, "capture '%s': %s", c->name,
		    path.u.string.p);
	result = fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ?
	    err_set(err, "capture '%s': %s is not a file", c->name,
	    path.u.string.p) : digest_file(fd, path.u.string.p, hex, err);
	close(fd);
	if (result != 0)
		return -1;
	name = strrchr(path.u.string.p, '/');
	value_map_put(&m, "name", 4, value_cstring(a,
	    name == NULL ? path.u.string.p : name + 1));
	value_map_put(&m, "path", 4, path);
	value_map_put(&m, "size", 4, value_of(VALUE_SIZE, st.st_size));
	value_map_put(&m, "sha256", 6, value_cstring(a, hex));
	*out = value_map_done(&m);
	return 0;
}

static int
take_one(const struct capture *c, struct names *names,
    const struct output *out, struct arena *a, struct value *v,
    struct err *err)
{
	if (c->how == CAPTURE_EXPR)
		return expr_eval(c->expr, &names->scope, a, v, err);
	if (c->how == CAPTURE_PATH)
		return take_path(c, names, a, v, err);
	if (out != NULL)
		return take_match(c, names, out, a, v, err);
	*v = value_null();
	return 0;
}

int
captures_take(const struct captures *c, struct names *names,
    const struct output *out, struct arena *a, struct value_map *self,
    struct value_map *taken, struct err *err)
{
	struct value now;
	size_t i;

	for (i = 0; i < c->n; i++) {
		const struct capture *one = &c->v[i];
		struct value v;

		now = value_map_done(self);
		names->self = &now;
		if (take_one(one, names, out, a, &v, err) != 0) {
			err_place(err, one->mark);
			return -1;
		}
		if (value_is_unknown(v))
			return err_at(err, one->mark, "capture '%s' cannot be "
			    "told: more than 1 MiB of output", one->name);
		v.flags |= VALUE_FOREIGN;
		value_map_put(self, one->name, strlen(one->name), v);
		value_map_put(taken, one->name, strlen(one->name), v);
	}
	return 0;
}

/* ---- expect and refuse */

static enum found
search_both(struct engine *e, const struct rx *rx, const struct output *out,
    const struct output *err_out)
{
	enum found f = output_search(e, out, rx);
	enum found g;

	if (f == FOUND_YES)
		return f;
	g = output_search(e, err_out, rx);
	return g == FOUND_NO ? f : g;
}

static enum found
check_list(const struct patterns *list, bool wanted, struct names *names,
    const struct output *out, const struct output *err_out, struct arena *a,
    struct err *err)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct pattern *p = &list->v[i];
		struct mark mark = text_mark(p->text);
		struct rx *own;
		const struct rx *rx = pattern_rx(p, names, a, &own, err);
		enum found f;

		if (rx == NULL)
			return FOUND_CANNOT;
		f = search_both(names->e, rx, out, err_out);
		rx_free(own);
		if (f == FOUND_CANNOT)
			err_at(err, mark, "a limit was hit while looking for "
			    "'%s'", text_source(p->text));
		else if ((f == FOUND_YES) != wanted)
			err_at(err, mark, wanted ? "the output does not have "
			    "'%s', which it must have" : "the output has '%s', "
			    "which it must not have", text_source(p->text));
		if (err->set)
			return f == FOUND_CANNOT ? FOUND_CANNOT : FOUND_NO;
	}
	return FOUND_YES;
}

enum found
patterns_check(const struct patterns *expect, const struct patterns *refuse,
    struct names *names, const struct output *out,
    const struct output *err_out, struct arena *a, struct err *err)
{
	enum found f = check_list(refuse, false, names, out, err_out, a, err);

	if (f != FOUND_YES)
		return f;
	return check_list(expect, true, names, out, err_out, a, err);
}
