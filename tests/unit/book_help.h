/* Books made of strings, in a directory that goes away. */
#ifndef CAIRN_TESTS_BOOK_HELP_H
#define CAIRN_TESTS_BOOK_HELP_H

#include "base_test.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "book/decode.h"
#include "kind/kind.h"

struct made {
	char dir[64];
	int dirfd;
	struct book *book;
	struct errs errs, warnings;
};

#define HEAD "version: 1\nname: x\n"

/* runbook.yaml is HEAD and `text`; `file`, or NULL, becomes f.yaml. */
static inline void make_book(struct made *m, const char *text,
    const char *file)
{
	struct book_place place = { .file = "runbook.yaml", .shown = "" };
	struct err err = ERR_INIT;
	char *whole = xasprintf(HEAD "%s", text);

	memset(m, 0, sizeof *m);
	strcpy(m->dir, "/tmp/cairn-book.XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	m->dirfd = open(m->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	place.dirfd = m->dirfd;
	file_write_atomic(m->dirfd, place.file, whole, strlen(whole), &err);
	if (file)
		file_write_atomic(m->dirfd, "f.yaml", file, strlen(file),
		    &err);
	assert_false(err.set);
	free(whole);
	m->book = book_load(&place, kinds_for_book(), &m->errs,
	    &m->warnings);
	if (!m->book)
		fail_msg("%s: line %u: %s", text, m->errs.list.v[0].mark.line,
		    m->errs.list.v[0].text);
}

static inline void free_book(struct made *m)
{
	struct err err = ERR_INIT;

	book_free(m->book);
	errs_free(&m->errs);
	errs_free(&m->warnings);
	close(m->dirfd);
	assert_int_equal(file_remove_tree(AT_FDCWD, m->dir, &err), 0);
}

#endif
