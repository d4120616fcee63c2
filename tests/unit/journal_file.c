/* The file: damage of every kind, readers beside a writer, planted files. */
#include "journal_tmp.h"

#include <sys/wait.h>

#define RECORDS 8

/* Writes RECORDS records in commits of one and two; where each line begins. */
static void make_journal(struct tmp *t, size_t starts[RECORDS + 1])
{
	struct err err = ERR_INIT;
	struct journal *j = journal_create(t->fd, vfs_real(), &t->clock, &err);
	size_t n, i, at = 0;
	char *text;

	assert_non_null(j);
	journal_add(j, RECORD_RUN, "", json_pack("{s:s}", "cairn", "9.9"));
	assert_int_equal(journal_commit(j, &err), 0);
	for (i = 1; i < RECORDS; i++) {
		assert_int_equal(journal_add(j, RECORD_NOTE, "s",
		    json_pack("{s:i}", "i", (int)i)), i + 1);
		if (i % 2 == 0)
			assert_int_equal(journal_commit(j, &err), 0);
	}
	assert_true(journal_pending(j));
	assert_int_equal(journal_commit(j, &err), 0);
	assert_false(journal_pending(j));
	assert_int_equal(journal_commit(j, &err), 0);
	journal_close(j);
	text = tmp_read(t->fd, "journal", &n);
	for (i = 0; i <= RECORDS; i++) {
		starts[i] = at;
		at += strcspn(text + at, "\n") + 1;
	}
	assert_int_equal(starts[RECORDS], n);
	free(text);
}

/* How many records can be read; err says why not more. */
static size_t read_all(const struct tmp *t, struct err *err, char *head)
{
	struct journal_reader *r = journal_reader_open(t->fd, err);
	struct record rec;
	size_t n = 0;

	if (!r)
		return 0;
	while (journal_reader_next(r, &rec, err) == 1)
		assert_int_equal(rec.n, ++n);
	if (head)
		strcpy(head, journal_reader_head(r));
	journal_reader_close(r);
	return n;
}

static struct journal *reopen(struct tmp *t, size_t *torn, struct err *err)
{
	return journal_open(t->fd, vfs_real(), &t->clock, NULL, NULL, torn,
	    err);
}

static void writes_and_reads(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], torn = 99;
	char head[DIGEST_HEX + 1];
	struct err err = ERR_INIT;
	struct journal *j;
	json_t *payload;

	make_journal(t, starts);
	assert_int_equal(read_all(t, &err, head), RECORDS);
	j = reopen(t, &torn, &err);
	assert_non_null(j);
	assert_int_equal(torn, 0);
	assert_string_equal(journal_head(j), head);
	assert_true(journal_has_room(j));
	payload = journal_payload(j, starts[3], &err);
	assert_int_equal(json_integer_value(json_object_get(payload, "i")), 3);
	json_decref(payload);
	assert_null(journal_payload(j, starts[3] + 1, &err));
	assert_error(&err, "the journal at byte");
	assert_null(journal_payload(j, starts[RECORDS], &err));
	assert_error(&err, "no record");
	journal_close(j);
	assert_null(journal_create(t->fd, vfs_real(), &t->clock, &err));
	assert_error(&err, "cannot make the journal");
}

static void change_byte(const struct tmp *t, const char *text, size_t n,
    size_t at, char c)
{
	char *copy = xmalloc(n);

	memcpy(copy, text, n);
	copy[at] = c;
	tmp_write(t->fd, "journal", copy, n);
	free(copy);
}

static bool opens(struct tmp *t)
{
	struct err err = ERR_INIT;
	size_t torn;
	struct journal *j = reopen(t, &torn, &err);

	journal_close(j);
	err_free(&err);
	return j != NULL;
}

/* A bit of any byte: the record before is read, and the error says where, or
 * (in the last record, whose digest nothing holds) the head is another. */
static void every_bit(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], n, i, k, got;
	char head[DIGEST_HEX + 1], now[DIGEST_HEX + 1], where[40];
	struct err err = ERR_INIT;
	char *text;

	make_journal(t, starts);
	read_all(t, &err, head);
	text = tmp_read(t->fd, "journal", &n);
	for (i = 0, k = 0; i < n; i++) {
		if (i == starts[k + 1])
			k++;
		change_byte(t, text, n, i, (char)(text[i] ^ 1 << i % 8));
		got = read_all(t, &err, now);
		assert_true(got == k || got == k + 1);
		snprintf(where, sizeof where, "at byte %zu", starts[k]);
		if (err.set && !strstr(err.text, where))
			fail_msg("byte %zu: %s", i, err.text);
		assert_true(err.set || strcmp(head, now) != 0);
		/* Without the newline before it the last record is part of
		 * the one before, which is no JSON. */
		assert_true(k == RECORDS - 1 || err.set ||
		    (i == starts[RECORDS - 1] - 1 && !opens(t)));
		err_free(&err);
	}
	free(text);
}

/* Cut anywhere: the whole records before are there, the rest is torn. */
static void every_cut(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], n, i, k, torn, kept;
	struct err err = ERR_INIT;
	struct journal *j;
	char *text, *cut;

	make_journal(t, starts);
	text = tmp_read(t->fd, "journal", &n);
	for (i = 0, k = 0; i < n; i++) {
		if (i == starts[k + 1])
			k++;
		tmp_write(t->fd, "journal", text, i);
		assert_int_equal(read_all(t, &err, NULL), k);
		assert_false(err.set);
		unlinkat(t->fd, "journal.torn", 0);
		j = reopen(t, &torn, &err);
		assert_non_null(j);
		assert_int_equal(torn, i - starts[k]);
		if (torn) {
			cut = tmp_read(t->fd, "journal.torn", &kept);
			assert_int_equal(kept, torn + 1);
			assert_memory_equal(cut, text + starts[k], torn);
			free(cut);
		}
		journal_add(j, k ? RECORD_NOTE : RECORD_RUN, "", NULL);
		assert_int_equal(journal_commit(j, &err), 0);
		journal_close(j);
		assert_int_equal(read_all(t, &err, NULL), k + 1);
		assert_false(err.set);
	}
	free(text);
}

/* Lines a, b, … of the old text make the new one. */
static void compose(const struct tmp *t, const char *text,
    const size_t *starts, const size_t *lines, size_t n)
{
	int fd = openat(t->fd, "journal", O_WRONLY | O_TRUNC);
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(write_all(fd, text + starts[lines[i]],
		    starts[lines[i] + 1] - starts[lines[i]]), 0);
	close(fd);
}

/* Line k removed, repeated, swapped with the next. */
static void lines_moved(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], n, k, i, how, lines[RECORDS + 1], m, torn;
	struct err err = ERR_INIT;
	char *text, where[40];

	make_journal(t, starts);
	text = tmp_read(t->fd, "journal", &n);
	for (how = 0; how < 3; how++)
		for (k = 0; k < RECORDS - 1; k++) {
			for (i = 0, m = 0; i < RECORDS; i++) {
				if (how == 2 && i == k)
					lines[m++] = k + 1;
				else if (how == 2 && i == k + 1)
					lines[m++] = k;
				else if (how || i != k)
					lines[m++] = i;
				if (how == 1 && i == k)
					lines[m++] = i;
			}
			compose(t, text, starts, lines, m);
			i = how == 1 ? k + 1 : k;
			assert_int_equal(read_all(t, &err, NULL), i);
			snprintf(where, sizeof where, "record %zu at byte %zu",
			    i + 1, starts[i]);
			assert_error(&err, where);
			assert_null(reopen(t, &torn, &err));
			assert_error(&err, "is damaged");
		}
	free(text);
}

/* NUL bytes are a tear only when nothing of a later commit follows. */
static void holes(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], n, k, torn;
	struct err err = ERR_INIT;
	struct journal *j;
	char *text;

	make_journal(t, starts);
	text = tmp_read(t->fd, "journal", &n);
	for (k = 0; k < RECORDS; k++) {
		change_byte(t, text, n, starts[k] + 100, '\0');
		assert_int_equal(read_all(t, &err, NULL), k);
		/* The last commit is record 8 alone, so the last tear. */
		assert_int_equal(err.set, k < RECORDS - 1);
		err_free(&err);
		j = reopen(t, &torn, &err);
		assert_int_equal(j != NULL, k == RECORDS - 1);
		err_free(&err);
		journal_close(j);
	}
	/* Records 6 and 7 are one commit; 8 is away. */
	tmp_write(t->fd, "journal", text, starts[7]);
	text[starts[5] + 100] = '\0';
	tmp_write(t->fd, "journal", text, starts[7]);
	assert_int_equal(read_all(t, &err, NULL), 5);
	assert_false(err.set);
	j = reopen(t, &torn, &err);
	assert_non_null(j);
	assert_int_equal(torn, starts[7] - starts[5]);
	journal_close(j);
	free(text);
}

static void unknown_type_names_writer(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], n;
	struct err err = ERR_INIT;
	char *text, *at;

	make_journal(t, starts);
	text = tmp_read(t->fd, "journal", &n);
	at = strstr(text + starts[2], "note");
	memcpy(at, "nota", 4);
	tmp_write(t->fd, "journal", text, n);
	assert_int_equal(read_all(t, &err, NULL), 2);
	assert_string_equal(err.hint, "it was written by cairn 9.9");
	assert_error(&err, "\"nota\" is not known to this cairn");
	free(text);
}

static void huge_line(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	size_t torn;
	int fd = openat(t->fd, "journal", O_WRONLY | O_CREAT, 0600);

	assert_int_equal(ftruncate(fd, 1 << 30), 0);
	close(fd);
	assert_int_equal(read_all(t, &err, NULL), 0);
	assert_error(&err, "longer than");
	assert_null(reopen(t, &torn, &err));
	assert_error(&err, "record 1 at byte 0");
}

/* A record that readers would refuse is not written. */
static void record_too_large(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], torn, n = (size_t)17 << 20;
	struct err err = ERR_INIT;
	char *pad = xmalloc(n + 1);
	struct journal *j;

	make_journal(t, starts);
	memset(pad, 'x', n);
	pad[n] = '\0';
	j = reopen(t, &torn, &err);
	journal_add(j, RECORD_NOTE, "", json_pack("{s:s}", "text", pad));
	assert_int_equal(journal_commit(j, &err), -1);
	assert_true(journal_failed(j));
	assert_false(journal_has_room(j));
	assert_error(&err, "larger than the journal takes");
	journal_add(j, RECORD_NOTE, "", NULL);
	assert_int_equal(journal_commit(j, &err), -1);
	err_free(&err);
	journal_close(j);
	assert_int_equal(read_all(t, &err, NULL), RECORDS);
	assert_false(err.set);
	free(pad);
}

/* Lines up to the limit, across the borders of the reader's chunks. */
static void long_lines(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct journal *j = journal_create(t->fd, vfs_real(), &t->clock, &err);
	size_t i, n;
	char *pad;

	journal_add(j, RECORD_RUN, "", NULL);
	for (i = 1; i < 9; i++) {
		n = i * 700001;
		pad = xmalloc(n + 1);
		memset(pad, 'x', n);
		pad[n] = '\0';
		journal_add(j, RECORD_NOTE, "", json_pack("{s:s}", "t", pad));
		assert_int_equal(journal_commit(j, &err), 0);
		free(pad);
	}
	journal_close(j);
	assert_int_equal(read_all(t, &err, NULL), 9);
	assert_false(err.set);
}

static void somebody_else_writes(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], torn;
	struct err err = ERR_INIT;
	struct journal *j, *other;

	make_journal(t, starts);
	j = reopen(t, &torn, &err);
	other = reopen(t, &torn, &err);
	journal_add(other, RECORD_NOTE, "", NULL);
	assert_int_equal(journal_commit(other, &err), 0);
	journal_add(j, RECORD_NOTE, "", NULL);
	assert_int_equal(journal_commit(j, &err), -1);
	assert_error(&err, "somebody else writes");
	journal_close(j);
	journal_close(other);
	assert_int_equal(read_all(t, &err, NULL), RECORDS + 1);
}

static int count_commits(const struct record *r, void *ctx)
{
	uint64_t *seen = ctx;

	seen[0]++;
	seen[1] = r->offset;
	return r->n == 12 ? -1 : 0;
}

static void delivers(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], torn;
	uint64_t seen[2] = { 0, 0 };
	struct err err = ERR_INIT;
	struct journal *j;

	make_journal(t, starts);
	j = reopen(t, &torn, &err);
	journal_on_commit(j, count_commits, seen);
	journal_add(j, RECORD_NOTE, "a", NULL);
	journal_add(j, RECORD_NOTE, "b", NULL);
	assert_int_equal(seen[0], 0);
	assert_int_equal(journal_commit(j, &err), 0);
	assert_int_equal(seen[0], 2);
	json_decref(journal_payload(j, seen[1], &err));
	assert_false(err.set);
	journal_add(j, RECORD_NOTE, "c", NULL);
	journal_add(j, RECORD_NOTE, "d", NULL);
	assert_int_equal(journal_commit(j, &err), -1);
	assert_error(&err, "record 12 does not fit");
	journal_close(j);
}

/* Followed to its end while another process writes, and cuts a torn tail. */
static void follow(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct journal_reader *r;
	struct record rec;
	struct journal *j;
	uint64_t n = 0;
	size_t torn;
	pid_t pid;
	int got, i, fd, status, more = 1;

	j = journal_create(t->fd, vfs_real(), &t->clock, &err);
	journal_add(j, RECORD_RUN, "", NULL);
	journal_commit(j, &err);
	journal_close(j);
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 300; i++) {
			if (i % 30 == 0) {
				fd = openat(t->fd, "journal", O_WRONLY |
				    O_APPEND);
				if (write(fd, "{\"n\":7,\"pre", 11) != 11)
					_exit(1);
				close(fd);
				j = reopen(t, &torn, &err);
				if (!j || torn != 11)
					_exit(2);
			}
			journal_add(j, RECORD_NOTE, "s", json_pack("{s:i}",
			    "i", i));
			journal_add(j, RECORD_NOTE, "s", NULL);
			if (journal_commit(j, &err) != 0)
				_exit(3);
			if (i % 30 == 29)
				journal_close(j);
		}
		_exit(0);
	}
	r = journal_reader_open(t->fd, &err);
	assert_non_null(r);
	while (more) {
		more = waitpid(pid, &status, WNOHANG) == 0;
		while ((got = journal_reader_next(r, &rec, &err)) == 1)
			assert_int_equal(rec.n, ++n);
		if (got < 0)
			fail_msg("%s", err.text);
	}
	assert_int_equal(status, 0);
	assert_int_equal(n, 601);
	journal_reader_close(r);
}

static void shrunk(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1];
	struct err err = ERR_INIT;
	struct journal_reader *r;
	struct record rec;
	char path[100];

	make_journal(t, starts);
	r = journal_reader_open(t->fd, &err);
	while (journal_reader_next(r, &rec, &err) == 1)
		;
	snprintf(path, sizeof path, "%s/journal", t->path);
	assert_int_equal(truncate(path, (off_t)starts[4]), 0);
	assert_int_equal(journal_reader_next(r, &rec, &err), -1);
	assert_error(&err, "became shorter");
	journal_reader_close(r);
}

static void refuse_both(struct tmp *t, const char *why)
{
	struct err err = ERR_INIT;
	size_t torn;

	assert_null(journal_reader_open(t->fd, &err));
	assert_error(&err, why);
	assert_null(reopen(t, &torn, &err));
	assert_error(&err, why);
	assert_null(journal_create(t->fd, vfs_real(), &t->clock, &err));
	assert_true(err.set);
	err_free(&err);
}

static void planted(void **state)
{
	struct tmp *t = *state;
	size_t starts[RECORDS + 1], torn;
	struct err err = ERR_INIT;

	make_journal(t, starts);
	assert_int_equal(fchmodat(t->fd, "journal", 0620, 0), 0);
	refuse_both(t, "may be written by others (mode 0620)");
	assert_int_equal(fchmodat(t->fd, "journal", 0600, 0), 0);
	if (geteuid() == 0) {
		assert_int_equal(fchownat(t->fd, "journal", 12345, 0, 0), 0);
		refuse_both(t, "belongs to uid 12345");
		assert_int_equal(fchownat(t->fd, "journal", 0, 0, 0), 0);
	}
	assert_int_equal(renameat(t->fd, "journal", t->fd, "elsewhere"), 0);
	assert_int_equal(symlinkat("elsewhere", t->fd, "journal"), 0);
	refuse_both(t, "symbolic link");
	unlinkat(t->fd, "journal", 0);
	assert_int_equal(mkfifoat(t->fd, "journal", 0600), 0);
	refuse_both(t, "not a regular file");
	unlinkat(t->fd, "journal", 0);
	assert_int_equal(mkdirat(t->fd, "journal", 0700), 0);
	refuse_both(t, "not a regular file");
	unlinkat(t->fd, "journal", AT_REMOVEDIR);
	/* journal.torn is a way in, too. */
	assert_int_equal(renameat(t->fd, "elsewhere", t->fd, "journal"), 0);
	assert_int_equal(symlinkat("/tmp/nowhere", t->fd, "journal.torn"), 0);
	{
		int fd = openat(t->fd, "journal", O_WRONLY | O_APPEND);

		assert_int_equal(write(fd, "{", 1), 1);
		close(fd);
	}
	assert_null(reopen(t, &torn, &err));
	assert_error(&err, "cannot open journal.torn");
	assert_int_equal(read_all(t, &err, NULL), RECORDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TMP_TEST(writes_and_reads), TMP_TEST(every_bit),
		TMP_TEST(every_cut), TMP_TEST(lines_moved), TMP_TEST(holes),
		TMP_TEST(unknown_type_names_writer), TMP_TEST(huge_line),
		TMP_TEST(record_too_large), TMP_TEST(long_lines),
		TMP_TEST(somebody_else_writes), TMP_TEST(delivers),
		TMP_TEST(follow), TMP_TEST(shrunk), TMP_TEST(planted),
	};

	return cmocka_run_group_tests_name("journal_file", tests, NULL, NULL);
}
