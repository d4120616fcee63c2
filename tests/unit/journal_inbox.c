#include "journal_tmp.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "base/limits.h"
#include "journal/inbox.h"

#define NAME "0123456789abcdef0123456789abcdef"
#define GOOD "{\"verb\":\"stop\"}"

static void sent_and_taken(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	char nonce[2][NONCE_HEX + 1];
	struct inbox_item *items;
	json_t *command = json_pack("{s:s,s:s}", "verb", "answer", "text",
	    "\xc3\xa9");
	struct stat st;

	assert_int_equal(inbox_send(t->fd, command, nonce[0], &err), 0);
	usleep(20000);                 /* the kernel's file times are coarse */
	assert_int_equal(inbox_send(t->fd, command, nonce[1], &err), 0);
	assert_int_equal(fstatat(t->fd, nonce[0], &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(inbox_read(t->fd, &items, &err), 2);
	assert_string_equal(items[0].name, nonce[0]);
	assert_string_equal(items[1].name, nonce[1]);
	assert_true(json_equal(items[0].command, command));
	assert_null(items[0].refused);
	assert_int_equal(items[0].uid, geteuid());
	assert_int_equal(inbox_remove(t->fd, vfs_real(), nonce[0]), 0);
	assert_int_equal(inbox_remove(t->fd, vfs_real(), nonce[0]), 0);
	inbox_items_free(items, 2);
	assert_int_equal(inbox_read(t->fd, &items, &err), 1);
	assert_string_equal(items[0].name, nonce[1]);
	inbox_items_free(items, 1);
	json_decref(command);
}

static void too_large_to_send(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct inbox_item *items;
	char *text = xmalloc(LIMIT_INBOX_FILE + 1), nonce[NONCE_HEX + 1];
	json_t *command;

	memset(text, 'x', LIMIT_INBOX_FILE);
	text[LIMIT_INBOX_FILE] = '\0';
	command = json_pack("{s:s}", "verb", text);
	assert_int_equal(inbox_send(t->fd, command, nonce, &err), -1);
	assert_error(&err, "larger than");
	assert_int_equal(inbox_read(t->fd, &items, &err), 0);
	inbox_items_free(items, 0);
	json_decref(command);
	free(text);
}

/* One thing lies in the inbox: it is refused for that reason, and goes. */
static void refused(struct tmp *t, const char *why)
{
	struct err err = ERR_INIT;
	struct inbox_item *items;
	char name[300];

	assert_int_equal(inbox_read(t->fd, &items, &err), 1);
	assert_null(items[0].command);
	assert_non_null(items[0].refused);
	if (!strstr(items[0].refused, why))
		fail_msg("'%s' instead of '%s'", items[0].refused, why);
	snprintf(name, sizeof name, "%s", items[0].name);
	inbox_items_free(items, 1);
	assert_int_equal(inbox_remove(t->fd, vfs_real(), name), 0);
	assert_int_equal(inbox_read(t->fd, &items, &err), 0);
	inbox_items_free(items, 0);
}

static void text_refused(struct tmp *t, const char *text, size_t n,
    const char *why)
{
	tmp_write(t->fd, NAME, text, n);
	refused(t, why);
}

static void contents(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "not JSON" }, { "x", "not JSON" }, { "{", "not JSON" },
		{ GOOD " x", "not JSON" },
		{ "{\"verb\":\"\xff\"}", "not JSON" },
		{ "{\"verb\":\"a\",\"verb\":\"b\"}", "not JSON" },
		{ "{\"verb\":\"a\\u0000\"}", "not JSON" },
		{ "[]", "names no verb" }, { "{}", "names no verb" },
		{ "[\"verb\"]", "names no verb" },
		{ "{\"verb\":1}", "names no verb" },
		{ "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "too deep" },
		{ "{\"verb\":\"a\",\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}",
		    "too deep" },
		{ "{\"\\\\\":[[[[[[[[[[[[[[[[", "too deep" },
		{ "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "names no verb" },
	};
	static const char deep_text[] = "{\"verb\":\"[[[[[[[[[[[[[[[[[[[[[\"}";
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct inbox_item *items;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		text_refused(t, rows[i].text, strlen(rows[i].text),
		    rows[i].why);
	text_refused(t, "{\"verb\":\"a\0\"}", 13, "not JSON");
	tmp_write(t->fd, NAME, deep_text, sizeof deep_text - 1);
	assert_int_equal(inbox_read(t->fd, &items, &err), 1);
	assert_non_null(items[0].command);
	inbox_items_free(items, 1);
}

static void names(void **state)
{
	static const char *const rows[] = {
		"x", "0123456789ABCDEF0123456789abcdef", NAME "0",
		"0123456789abcdef0123456789abcde", "\x1b[2J",
		"0123456789abcdef0123456789abcde\n", "-rf", "\xff",
	};
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct inbox_item *items;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		tmp_write(t->fd, rows[i], GOOD, strlen(GOOD));
		refused(t, "name");
	}
	tmp_write(t->fd, "." NAME, GOOD, strlen(GOOD));
	assert_int_equal(inbox_read(t->fd, &items, &err), 0);
	inbox_items_free(items, 0);
}

static void planted_socket(struct tmp *t)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "/proc/self/fd/%d/" NAME,
	    t->fd);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	refused(t, "not a regular file");
	close(fd);
}

static void planted(void **state)
{
	struct tmp *t = *state;
	struct stat st;
	int fd;

	assert_int_equal(mkfifoat(t->fd, NAME, 0600), 0);
	refused(t, "not a regular file");
	tmp_write(t->fd, ".target", GOOD, strlen(GOOD));
	assert_int_equal(symlinkat(".target", t->fd, NAME), 0);
	refused(t, "symbolic link");
	assert_int_equal(fstatat(t->fd, ".target", &st, 0), 0);
	assert_int_equal(symlinkat("/dev/zero", t->fd, NAME), 0);
	refused(t, "symbolic link");
	assert_int_equal(mkdirat(t->fd, NAME, 0700), 0);
	assert_int_equal(mkdirat(t->fd, NAME "/sub", 0700), 0);
	tmp_write(t->fd, NAME "/sub/file", "x", 1);
	refused(t, "not a regular file");
	planted_socket(t);
	fd = openat(t->fd, NAME, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, 1 << 30), 0);
	close(fd);
	refused(t, "too large");
}

static void modes(void **state)
{
	static const mode_t bad[] = { 0666, 0640, 0604, 0620, 0602, 0601 };
	struct tmp *t = *state;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		tmp_write(t->fd, NAME, GOOD, strlen(GOOD));
		assert_int_equal(fchmodat(t->fd, NAME, bad[i], 0), 0);
		refused(t, "others have access");
	}
}

static void other_user(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct inbox_item *items;

	if (geteuid() != 0)
		skip();
	tmp_write(t->fd, NAME, GOOD, strlen(GOOD));
	assert_int_equal(fchownat(t->fd, NAME, 12345, 0, 0), 0);
	assert_int_equal(inbox_read(t->fd, &items, &err), 1);
	assert_int_equal(items[0].uid, 12345);
	inbox_items_free(items, 1);
	refused(t, "another user");
}

static void turns(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct inbox_item *items;
	json_t *command = json_pack("{s:s}", "verb", "stop");
	char nonces[70][NONCE_HEX + 1];
	int i, k, n, seen = 0;

	for (i = 0; i < 70; i++) {
		assert_int_equal(inbox_send(t->fd, command, nonces[i], &err),
		    0);
		usleep(20000);
	}
	for (k = 0; k < 2; k++) {
		n = inbox_read(t->fd, &items, &err);
		assert_int_equal(n, k ? 6 : LIMIT_INBOX_TURN);
		for (i = 0; i < n; i++) {
			assert_string_equal(items[i].name, nonces[seen++]);
			inbox_remove(t->fd, vfs_real(), items[i].name);
		}
		inbox_items_free(items, n);
	}
	json_decref(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TMP_TEST(sent_and_taken), TMP_TEST(too_large_to_send),
		TMP_TEST(contents), TMP_TEST(names), TMP_TEST(planted),
		TMP_TEST(modes), TMP_TEST(other_user), TMP_TEST(turns),
	};

	return cmocka_run_group_tests_name("journal_inbox", tests, NULL, NULL);
}
