/* Books as directories: tests/book/valid/CASE and tests/book/invalid/CASE.
 * A case is runbook.yaml with its files, or one.yaml, a book that is one file.
 * `error` (of an invalid one) and `warning` list what is said, in order:
 * lines "file:line:col: message", and "  hint" below; a part of each is
 * enough. Without `warning` a valid book is without warnings. */
#include "base_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/source.h"
#include "base/str.h"
#include "base/vec.h"
#include "book/decode.h"
#include "kind/kind.h"

struct loaded {
	int dirfd;
	struct book *book;
	struct errs errs, warnings;
};

static void load(struct loaded *l, const char *path)
{
	struct book_place place = { .file = "runbook.yaml", .shown = "" };

	memset(l, 0, sizeof *l);
	l->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(l->dirfd >= 0);
	place.dirfd = l->dirfd;
	if (faccessat(l->dirfd, place.file, R_OK, 0) != 0) {
		place.file = "one.yaml";
		place.single = true;
	}
	l->book = book_load(&place, kinds_for_book(), &l->errs,
	    &l->warnings);
	errs_sort(&l->warnings);
}

static void unload(struct loaded *l)
{
	book_free(l->book);
	errs_free(&l->errs);
	errs_free(&l->warnings);
	close(l->dirfd);
}

/* ---- what is said and what should be */

static void show(const struct errs *errs, struct buf *out)
{
	size_t i;

	for (i = 0; i < errs->list.n; i++) {
		const struct err *e = &errs->list.v[i];

		buf_addf(out, "%s:%u:%u: %s\n",
		    e->mark.source ? e->mark.source->name : "", e->mark.line,
		    e->mark.col, e->text);
		if (e->hint)
			buf_addf(out, "  %s\n", e->hint);
	}
}

static bool starts_with_place(const char *line, const char *wanted)
{
	const char *text = strstr(wanted, ": ");

	return text && strncmp(line, wanted, (size_t)(text - wanted)) == 0 &&
	    strstr(line + (text - wanted), text + 2);
}

/* A hint that is not listed does not matter. */
static const char *next_line(const char *said, const char *wanted)
{
	while (strncmp(said, "  ", 2) == 0 && strncmp(wanted, "  ", 2) != 0)
		said = strchr(said, '\n') + 1;
	return said;
}

static bool fits(const char *said, const char *wanted)
{
	char *a = NULL, *b = NULL;
	size_t n, m;
	bool ok = true;

	for (; *wanted && ok; said += n + 1, wanted += m + 1) {
		said = next_line(said, wanted);
		n = strcspn(said, "\n");
		m = strcspn(wanted, "\n");
		a = strndup(said, n);
		b = strndup(wanted, m);
		ok = *said && (strncmp(b, "  ", 2) == 0 ?
		    strstr(a, b + 2) != NULL : starts_with_place(a, b));
		free(a);
		free(b);
	}
	return ok && *next_line(said, "") == '\0';
}

static int compare(const struct loaded *l, const struct errs *errs,
    const char *path, const char *file)
{
	struct buf wanted = BUF_INIT(1 << 20), said = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	int bad = 0;

	if (faccessat(l->dirfd, file, R_OK, 0) == 0)
		assert_int_equal(file_read_beneath(l->dirfd, file, &wanted,
		    &err), 0);
	show(errs, &said);
	if (!fits(said.data, wanted.data)) {
		print_error("%s: said:\n%swanted in `%s`:\n%s\n", path,
		    said.data, file, wanted.data);
		bad = 1;
	}
	buf_free(&wanted);
	buf_free(&said);
	return bad;
}

/* ---- the directories */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t each_case(const char *kind,
    int (*one)(const char *path), int *bad)
{
	const char *src = getenv("srcdir");
	VEC(char *) names = { 0 };
	char *dir = xasprintf("%s/tests/book/%s", src ? src : ".", kind);
	struct dirent *e;
	DIR *d = opendir(dir);
	size_t n, i;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			vec_push(&names, xasprintf("%s/%s", dir, e->d_name));
	closedir(d);
	n = names.n;
	qsort(names.v, n, sizeof *names.v, by_name);
	for (i = 0; i < n; i++) {
		*bad += one(names.v[i]);
		free(names.v[i]);
	}
	vec_free(&names);
	free(dir);
	return n;
}

static int one_invalid(const char *path)
{
	struct loaded l;
	int bad;

	load(&l, path);
	assert_true((l.book == NULL) == (l.errs.list.n > 0));
	bad = compare(&l, &l.errs, path, "error");
	if (l.book) {
		print_error("%s: is valid\n", path);
		bad = 1;
	}
	unload(&l);
	return bad;
}

static int one_valid(const char *path)
{
	struct loaded l;
	int bad;

	load(&l, path);
	bad = compare(&l, &l.errs, path, "error") +
	    compare(&l, &l.warnings, path, "warning");
	unload(&l);
	return bad;
}

static void invalid_books(void **state)
{
	int bad = 0;
	size_t n = each_case("invalid", one_invalid, &bad);

	(void)state;
	assert_true(n >= 120);
	assert_int_equal(bad, 0);
}

static void valid_books(void **state)
{
	int bad = 0;

	(void)state;
	assert_true(each_case("valid", one_valid, &bad) > 0);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invalid_books),
		cmocka_unit_test(valid_books),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
