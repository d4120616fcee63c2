/* table(): CSV and aligned text, well and badly formed. */
#include "book_expr_help.h"

#include <time.h>

#include "book/table.h"

static void
check(const char *text, const char *key, const char *want)
{
	struct arena *a = arena_new();
	struct buf b = BUF_INIT(1 * MIB);
	struct err err = ERR_INIT;
	struct value v;

	if (table_parse(a, text, strlen(text), key, &v, &err) < 0)
		buf_addf(&b, "!%s", err.text);
	else
		value_json(&b, v);
	if (!is_as_expected(b.data, want))
		fail_msg("%s\n  gives %s", text, b.data);
	err_free(&err);
	buf_free(&b);
	arena_free(a);
}

static void
test_csv(void **state)
{
	(void)state;
	check("k,a,b\nx,1,2\ny,3,4\n", "k",
	    "{\"x\":{\"a\":1,\"b\":2},\"y\":{\"a\":3,\"b\":4}}");
	check("a,k\n1,x", "k", "{\"x\":{\"a\":1}}");
	check("k,a\r\nx,1\r\n", "k", "{\"x\":{\"a\":1}}");
	check("k;a\nx;1\n", "k", "{\"x\":{\"a\":1}}");
	check("k\ta\nx\t1\n", "k", "{\"x\":{\"a\":1}}");
	check("k,a\nx,\n", "k", "{\"x\":{\"a\":0}}");
	check("k,a,b\nx,1\n", "k", "{\"x\":{\"a\":1,\"b\":0}}");
	check("k,a\nx,1.5\ny,007\nz,-3\n", "k",
	    "{\"x\":{\"a\":\"1.5\"},\"y\":{\"a\":\"007\"},\"z\":{\"a\":-3}}");
	check("k,a\n x , 1 \n", "k", "{\"x\":{\"a\":1}}");
	check("k,\"a b\"\n\"x,y\",\"1\"\n", "k", "{\"x,y\":{\"a b\":1}}");
	check("k,a\n\"say \"\"x\"\"\",\"two\nlines\"\nz,1\n", "k",
	    "{\"say \\\"x\\\"\":{\"a\":\"two\\nlines\"},\"z\":{\"a\":1}}");
	check("k,a\nx,5\" pipe\n", "k", "{\"x\":{\"a\":\"5\\\" pipe\"}}");
	check("warning: k is old\n\nk,a\nx,1\n", "k", "{\"x\":{\"a\":1}}");
	check("k,a\n\nx,1\n\n", "k", "{\"x\":{\"a\":1}}");
	check("k\nx\ny\n", "k", "{\"x\":{},\"y\":{}}");
	check("k,a\n", "k", "{}");
	check("Doc Type,Couch,SQL,ES\nApplication,3,,3\nauth.User,,12,\n",
	    "Doc Type", "{\"Application\":{\"Couch\":3,\"SQL\":0,\"ES\":3},"
	    "\"auth.User\":{\"Couch\":0,\"SQL\":12,\"ES\":0}}");
}

static void
test_bars(void **state)
{
	(void)state;
	check("Doc Type            | Couch | SQL\n"
	    "------------------- | ----- | ---\n"
	    "CommCareUser        | 3     |    \n"
	    "CommCareUser-Deleted|       | 7  \n", "Doc Type",
	    "{\"CommCareUser\":{\"Couch\":3,\"SQL\":0},"
	    "\"CommCareUser-Deleted\":{\"Couch\":0,\"SQL\":7}}");
	check(" k | a \n---+---\n x | 1\n(1 row)\n\n", "k",
	    "{\"x\":{\"a\":1}}");
	check(" k | a \n---+---\n x | 1\n y | 2\n(12 rows)\n", "k",
	    "{\"x\":{\"a\":1},\"y\":{\"a\":2}}");
	check("+---+---+\n| k | a |\n+===+===+\n| x | 1 |\n+---+---+\n", "k",
	    "{\"x\":{\"a\":1}}");
	check("| k | a |\n|---|--:|\n| x |   |\n", "k", "{\"x\":{\"a\":0}}");
	check("k | a\nx | say \"y\"\n", "k",
	    "{\"x\":{\"a\":\"say \\\"y\\\"\"}}");
	check("k | a\n- | -\n", "k", "{\"-\":{\"a\":\"-\"}}");
}

static void
test_blanks(void **state)
{
	(void)state;
	check("NAME     READY  STATUS\n"
	    "web one  1      up\n"
	    "db       2      down\n",
	    "NAME", "{\"web one\":{\"READY\":1,\"STATUS\":\"up\"},"
	    "\"db\":{\"READY\":2,\"STATUS\":\"down\"}}");
	check("k      a    b\n----- --- ---\nx           5\n", "k",
	    "{\"x\":{\"a\":0,\"b\":5}}");
	check("k        a      b\nx    12345\ny               7\n", "k",
	    "{\"x\":{\"a\":12345,\"b\":0},\"y\":{\"a\":0,\"b\":7}}");
	check("ké   aé   b\nx         5\n", "ké",
	    "{\"x\":{\"aé\":0,\"b\":5}}");
	check("k    a    b\nx       5\n", "k", "!line 2: it cannot be told to "
	    "which column '5' belongs");
	check("k    a    b\nx    123456\n", "k", "!line 2: it cannot be told "
	    "to which column '123456' belongs");
	check("k    aaaa\nx    1  2\n", "k", "!line 2 has 3 cells, the header "
	    "2");
}

static void
test_refused(void **state)
{
	char nul[] = "k,a\nx\0,1\n";
	struct arena *a = arena_new();
	struct err err = ERR_INIT;
	struct value v;

	(void)state;
	check("", "k", "!no line has a column 'k'");
	check("a,b\n1,2\n", "k", "!no line has a column 'k'");
	check("a,kk\n1,2\n", "k", "!no line has a column 'k'");
	check("k,a\nx,1\n", "", "!the name of the key column is empty");
	check("k,a\nx,1\nx,2\n", "k", "!line 3: a second row 'x'");
	check("k,a,a\nx,1,2\n", "k", "!two columns have one name");
	check("k,a\nx,1,2\n", "k", "!line 2 has 3 cells, the header 2");
	check("k,a\nx,1\nDone.\n", "k", "!line 3 is no row of the table: it "
	    "has one cell only");
	check("k | a\nx | 1\nDone.\n", "k", "!line 3 is no row of the "
	    "table…");
	check("k,a\n\"x,1\n", "k", "!line 2: a quote is not closed");
	check("k,a\n\"x\"y,1\n", "k", "!line 2: a quote is not closed");
	assert_int_equal(table_parse(a, nul, sizeof nul - 1, "k", &v, &err),
	    -1);
	assert_string_equal(err.text, "the text holds a NUL byte");
	err_free(&err);
	arena_free(a);
}

/* Time and memory grow with the text, not faster. */
static void
check_many(const char *head, const char *before, const char *behind,
    size_t times, const char *want)
{
	struct buf b = BUF_INIT(64 * MIB);

	buf_adds(&b, head);
	for (size_t i = 0; i < times; i++)
		buf_addf(&b, "%s%zu%s\n", before, i, behind);
	check(b.data, "k", want);
	buf_free(&b);
}

static void
test_hostile(void **state)
{
	struct buf head = BUF_INIT(64 * MIB);

	(void)state;
	check_many("", "\"k ", "", 200000, "!no line has a column 'k'");
	check_many("k,a\n", "x", ",1", 50000, "{\"x0\":{\"a\":1},…");
	check_many("k,a\n", "\"x", ",\"\"", 200000, "!line 3: a quote is…");
	buf_adds(&head, "k");
	for (int i = 0; i < 100000; i++)
		buf_addf(&head, ",c%d", i);
	buf_addc(&head, '\n');
	check_many(head.data, "x", ",1", 1000, "!the table has more than…");
	buf_free(&head);
}

static void
test_random(void **state)
{
	static const char bytes[] = "k,;|\t  \n\n\"'-+=ax1\r\xc3\xa4\xff";
	unsigned seed = getenv("CAIRN_SEED") ?
	    (unsigned)strtoul(getenv("CAIRN_SEED"), NULL, 10) :
	    (unsigned)time(NULL);
	char text[200];

	(void)state;
	print_message("CAIRN_SEED=%u runs the same again\n", seed);
	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)round % (sizeof text - 1), i;

		for (i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = bytes[(seed >> 8) % (sizeof bytes - 1)];
		}
		text[n] = '\0';
		check(text, "k", "…");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_random),
	};

	(void)run_rows_of;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
