/* Any file is a valid book or errors that can be printed. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "book/decode.h"
#include "kind/kind.h"

struct folder {
	char name[64];
	int fd;
};

static void folder_make(struct folder *d, const uint8_t *p, size_t n)
{
	int fd;

	strcpy(d->name, "/tmp/cairn-fuzz-XXXXXX");
	if (mkdtemp(d->name) == NULL)
		abort();
	d->fd = open(d->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = openat(d->fd, "runbook.yaml", O_WRONLY | O_CREAT | O_CLOEXEC,
	    0600);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

static void folder_remove(const struct folder *d)
{
	unlinkat(d->fd, "runbook.yaml", 0);
	close(d->fd);
	rmdir(d->name);
}

static void print(struct errs *errs)
{
	struct buf out = BUF_INIT(MIB);

	errs_sort(errs);
	errs_print(errs, &out);
	if (!out.cut && !utf8_valid(out.data, out.len))
		abort();
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct folder d;
	struct errs errs = { 0 }, warnings = { 0 };
	struct book *book;

	folder_make(&d, p, n);
	book = book_load(&(struct book_place){
		.dirfd = d.fd, .file = "runbook.yaml", .shown = "",
	}, kinds_for_book(), &errs, &warnings);
	folder_remove(&d);
	if ((book == NULL) != (errs.list.n > 0))
		abort();
	print(&errs);
	print(&warnings);
	errs_free(&warnings);
	book_free(book);
	errs_free(&errs);
	return 0;
}
