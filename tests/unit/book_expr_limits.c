/* Expressions that are too long, too deep, too costly, or no expressions. */
#include "book_expr_help.h"

#include <time.h>

#include "book_expr_standard.h"

static void
repeat(struct buf *out, const char *s, size_t times)
{
	while (times-- > 0)
		buf_adds(out, s);
}

static void
check_text(struct buf *text, const char *want)
{
	struct buf out = BUF_INIT(64 * MIB);
	struct world w;

	world_init(&w);
	evaluate(&w, text->data, text->len, &out);
	if (!is_as_expected(out.data, want))
		fail_msg("%.60s… (%zu bytes) gives %.200s, not %s", text->data,
		    text->len, out.data, want);
	buf_free(&out);
	buf_free(text);
	world_free(&w);
}

/* A beginning, a middle many times, an end. */
static void
check_long(const char *head, const char *middle, size_t times,
    const char *last, const char *want)
{
	struct buf text = BUF_INIT(64 * MIB);

	buf_adds(&text, head);
	repeat(&text, middle, times);
	buf_adds(&text, last);
	check_text(&text, want);
}

static void
check_nested(const char *open, size_t times, const char *inner,
    const char *close, const char *want)
{
	struct buf text = BUF_INIT(64 * MIB);

	repeat(&text, open, times);
	buf_adds(&text, inner);
	repeat(&text, close, times);
	check_text(&text, want);
}

#define DEEP "this expression is nested too deeply…"
#define LONG "this expression is too long…"
#define STEPS "this expression takes more than 1000000 steps…"

static void
test_depth(void **state)
{
	(void)state;
	check_nested("(", 99, "1", ")", "1");
	check_nested("(", 100, "1", ")", "!101 " DEEP);
	check_nested("(", 100000, "1", ")", "!101 " DEEP);
	check_nested("[", 100000, "1", "]", "!101 " DEEP);
	check_nested("abs(", 100000, "1", ")", "!401 " DEEP);
	check_nested("-", 100000, "1", "", "!100 " DEEP);
	check_nested("not ", 100000, "true", "", "!397 " DEEP);
	check_nested("params.map[", 100000, "1", "]", "!1101 " DEEP);
	check_long("params.n", " + 1", 900, "", "905");
	check_long("params.n", " + 1", 100000, "", "!4010 " LONG);
	check_long("params.none", ".a", 100000, "", "!2013 " LONG);
	check_long("params.none", " ?? null", 100000, "", "!8013 " LONG);
	check_long("params.no", " or false", 100000, "", "!9011 " LONG);
	/* constants have no depth: they are one constant */
	check_long("1", " + 1", 100000, "", "100001");
}

static void
test_cost(void **state)
{
	(void)state;
	check_long("len('", "x", 1000000, "')", "1000000");
	check_long("[1", ", 1", 1000000, "]", "!2999999 " STEPS);
	check_long("len(map(split('", "x,", 600000, "', ','), a -> a))",
	    "!…");
	check_long("len(map(split('", "x,", 100000, "', ','), a -> a))",
	    "100001");
	check_long("any(map(split('", "x,", 3000, "', ','), a -> map(split('"
	    "a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a', ','), b -> map([1, "
	    "2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], c -> len(a)))), a -> true)",
	    "!…");
	check_long("all(split('", "x,", 50000, "', ','), a -> matches(a, "
	    "'x?'))", "true");
	check_long("sort(split('", "b,a,", 30000, "', ','))[0]", "''");
	check_long("len(unique(split('", "b,a,", 30000, "', ',')))", "3");
}

static void
test_size(void **state)
{
	(void)state;
	check_long("len(join(split('", ",", 10000, "', ','), '1234567890'))",
	    "100000");
	check_long("len(join(split('", ",", 100000, "', ','), '1234567890"
	    "12345678901234567890123456789012345678901234567890123456789012"
	    "34567890123456789012345678901234567890123456789012345678901234"
	    "56789012345678901234567890123456789012345678901234567890123456"
	    "78901234567890123456789012345678901234567890123456789012345678"
	    "90123456789012345678901234567890123456789012345678901234567890"
	    "12345678901234567890123456789012345678901234567890123456789012"
	    "34567890123456789012345678901234567890123456789012345678901234"
	    "56789012345678901234567890123456789012345678901234567890123456"
	    "78901234567890123456789012345678901234567890123456789012345678"
	    "90123456789012345678901234567890123456789012345678901234567890"
	    "12345678901234567890123456789012345678901234567890123456789012"
	    "3456'))", "!5 join(): the result has more than 64 MiB");
	check_long("len(split(params.text + '", ",", 500000, "', ','))",
	    "500001");
	check_long("len(split(params.text + '", ",", 3000000, "', ','))",
	    "!5 this expression makes more than 64 MiB of values");
	check_long("replace('", "a", 20000, "', 'a', '1234567890') == ''",
	    "false");
}

/* A pattern that runs wild says "cannot tell", not no (security.md L1). */
static void
test_pattern_limit(void **state)
{
	static const struct row rows[] = {
		{ "matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX', "
		    "'(a+)+(b+|a+)+c|(a|b|ab)*(?=(a+)+)\\d')",
		    "unknown (the pattern took too long on this text)" },
		{ "replace('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX', "
		    "'(a+)+(b+|a+)+\\d', '')",
		    "unknown (the pattern took too long on this text)" },
	};

	(void)state;
	run_rows(rows);
}

/* Values that hold each other deeper than a record may do not get out. */
static void
test_value_depth(void **state)
{
	struct buf out = BUF_INIT(10000);
	struct value_list l;
	struct value_map m;
	struct world w;
	struct value v = value_int(1);

	(void)state;
	world_init(&w);
	for (int i = 0; i < LIMIT_EXPR_DEPTH - 1; i++) {
		l = (struct value_list){ .arena = w.arena };
		value_list_add(&l, v);
		v = value_list_done(&l);
	}
	m = (struct value_map){ .arena = w.arena };
	put(&m, "deep", v);
	v = value_map_done(&m);
	m = (struct value_map){ .arena = w.arena };
	put(&m, "params", v);
	w.roots = value_map_done(&m);
	evaluate(&w, "params.deep", 11, &out);
	assert_int_equal(out.data[0], '[');
	buf_reset(&out);
	evaluate(&w, "[params.deep]", 13, &out);
	assert_true(is_as_expected(out.data, "!1 lists and maps inside…"));
	buf_free(&out);
	world_free(&w);
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 8;
}

/* Changes some bytes, takes a piece out, or doubles one. */
static size_t
mutate(char *text, size_t n, size_t max, unsigned *seed)
{
	static const char bytes[] = " '\"()[].,+-*/%<>=!?&|$\\{}\n\t\0\xff"
	    "\xc3\xa4" "0123456789abcdefghijklmnopqrstuvwxyzGMiB_->";
	size_t times = next_random(seed) % 4 + 1, at, len;

	while (times-- > 0) {
		at = n ? next_random(seed) % n : 0;
		len = n ? next_random(seed) % (n - at) : 0;
		switch (next_random(seed) % 4) {
		case 0:
			memmove(text + at, text + at + len, n - at - len);
			n -= len;
			break;
		case 1:
			if (n + len > max)
				break;
			memmove(text + at + len, text + at, n - at);
			n += len;
			break;
		default:
			if (n > 0)
				text[at] = bytes[next_random(seed) %
				    (sizeof bytes - 1)];
		}
	}
	return n;
}

static size_t
random_bytes(char *text, unsigned *seed)
{
	size_t n = next_random(seed) % 40, i;

	for (i = 0; i < n; i++)
		text[i] = (char)next_random(seed);
	return n;
}

static unsigned long
number_from(const char *variable, unsigned long otherwise)
{
	const char *given = getenv(variable);

	return given ? strtoul(given, NULL, 10) : otherwise;
}

static void
test_mutations(void **state)
{
	unsigned seed = (unsigned)number_from("CAIRN_SEED",
	    (unsigned long)time(NULL));
	unsigned long rounds = number_from("CAIRN_ROUNDS", 20000), i;
	struct buf out = BUF_INIT(1 * MIB);
	const char *from;
	char text[2000];
	struct world w;
	size_t n;

	(void)state;
	print_message("CAIRN_SEED=%u runs the same again\n", seed);
	world_init(&w);
	for (i = 0; i < rounds; i++) {
		from = standard_exprs[next_random(&seed) % STANDARD_EXPRS];
		n = strlen(from);
		memcpy(text, from, n);
		n = i % 10 ? mutate(text, n, sizeof text, &seed) :
		    random_bytes(text, &seed);
		buf_reset(&out);
		evaluate(&w, text, n, &out);
		assert_true(out.len > 0);
	}
	buf_free(&out);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_pattern_limit),
		cmocka_unit_test(test_value_depth),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
