/* Reading the folder of a book, and nothing else (security.md F1). */
#include "book/decode_private.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/source.h"
#include "base/str.h"
#include "yaml/load.h"

bool
files_allowed(struct decode *d, const char *path, struct mark mark)
{
	if (str_has_prefix(path, "lib:")) {
		errs_add(d->errs, mark, "'lib:' is not built yet");
	} else if (d->place->single) {
		errs_add(d->errs, mark, "a book that is one file cannot read "
		    "'%s'", path);
		errs_hint(d->errs, "put the book into a folder of its own, as "
		    "runbook.yaml, with its files beside it");
	} else {
		return true;
	}
	return false;
}

static const struct book_file *
add_file(struct decode *d, const char *path, struct buf *bytes)
{
	char *name = arena_printf(d->arena, "%s%s", d->place->shown, path);
	size_t len = bytes->len;
	struct source *s = source_take(name, buf_detach(bytes, NULL), len);
	struct book *b = d->book;
	struct book_file *f;

	vec_push(&d->book->index->sources, s);
	if (b->files.n == b->files.cap) {
		struct book_file *old = b->files.v;

		b->files.cap = b->files.cap == 0 ? 16 : 2 * b->files.cap;
		b->files.v = arena_array(d->arena, b->files.cap, sizeof *f);
		if (b->files.n > 0)
			memcpy(b->files.v, old, b->files.n * sizeof *f);
	}
	f = &b->files.v[b->files.n++];
	f->path = arena_strdup(d->arena, path);
	f->source = s;
	if (!d->place->only_lint)
		sha256_hex(s->text, s->len, f->digest);
	map_put(d->files, path, (void *)(uintptr_t)b->files.n);
	return f;
}

const struct book_file *
files_read(struct decode *d, const char *path, struct mark mark)
{
	uintptr_t known = (uintptr_t)map_get(d->files, path);
	struct buf bytes = BUF_INIT(LIMIT_BOOK_FILE);
	const struct book_file *f = NULL;
	struct err err = ERR_INIT;

	if (known > 0)
		return &d->book->files.v[known - 1];
	if (mark.source != NULL && !files_allowed(d, path, mark))
		return NULL;
	if (d->book->files.n == LIMIT_BOOK_FILES)
		err_set(&err, "a book has at most %d files", LIMIT_BOOK_FILES);
	else if (file_read_beneath(d->place->dirfd, path, &bytes, &err) == 0)
		f = add_file(d, path, &bytes);
	err_place(&err, mark);
	errs_take(d->errs, &err);
	buf_free(&bytes);
	return f;
}

const struct node *
files_load(struct decode *d, const char *path, struct mark mark)
{
	const struct book_file *f = files_read(d, path, mark);

	return f == NULL ? NULL : yaml_load(d->arena, f->source, d->errs);
}

/* ---- include */

#define INCLUDE_DEPTH 32

static void
cycle(struct decode *d, size_t from, const char *path, struct mark mark)
{
	struct buf b = BUF_INIT(LIMIT_BOOK_FILE);

	for (; from < d->including.n; from++)
		buf_addf(&b, "%s includes ", d->including.v[from]);
	errs_add(d->errs, mark, "files include each other without end: %s%s",
	    b.data, path);
	buf_free(&b);
}

static bool
is_endless(struct decode *d, const char *path, struct mark mark)
{
	size_t i;

	for (i = 0; i < d->including.n; i++) {
		if (strcmp(d->including.v[i], path) == 0) {
			cycle(d, i, path, mark);
			return true;
		}
	}
	if (d->including.n <= INCLUDE_DEPTH)
		return false;
	errs_add(d->errs, mark, "files include each other more than %d deep",
	    INCLUDE_DEPTH);
	return true;
}

static void
decode_file(struct decode *d, struct step_file *file)
{
	struct file_written w = { 0 };
	struct defaults defaults;

	shape_decode(d, &file_shape, file->node, &w);
	file->inputs = w.inputs;
	file->outputs = w.outputs;
	defaults = layers_defaults(d, w.defaults);
	if (w.steps != NULL)
		steps_decode(d, w.steps, &defaults, file, file->by_id,
		    &file->steps);
}

struct step_file *
files_include(struct decode *d, const char *path, struct mark mark)
{
	struct step_file *file = map_get(d->book->index->step_files, path);

	if (is_endless(d, path, mark))
		return NULL;
	if (file == NULL) {
		file = arena_alloc(d->arena, sizeof *file);
		file->path = path;
		file->by_id = map_new();
		map_put(d->book->index->step_files, path, file);
		file->node = files_load(d, path, mark);
		vec_push(&d->including, path);
		if (file->node != NULL)
			decode_file(d, file);
		d->including.n--;
		vec_push(&d->book->index->step_file_list, file);
	}
	return file->node == NULL ? NULL : file;
}
