/* arena, vec, map, safe */
#include "base_test.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/safe.h"
#include "base/vec.h"

static void arena_gives_zeroed_and_aligned_bytes(void **state)
{
	struct arena *a = arena_new();
	size_t sizes[] = { 0, 1, 7, 8, 100, 4096, 5000, 70000, 300000,
		3000000 };
	size_t i, j, total = 0;
	unsigned char *p;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++) {
		p = arena_alloc(a, sizes[i]);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (j = 0; j < sizes[i]; j++)
			assert_int_equal(p[j], 0);
		memset(p, 0xff, sizes[i]);
		total += sizes[i];
	}
	assert_true(arena_used(a) >= total);
	assert_true(arena_used(a) <= total + COUNT(sizes));
	arena_free(a);
	arena_free(NULL);
}

static void arena_copies(void **state)
{
	struct arena *a = arena_new();
	char *s = arena_strndup(a, "abcdef", 3);
	long numbers[] = { 1, 2, 3 }, *copy, *array;

	(void)state;
	assert_string_equal(s, "abc");
	assert_string_equal(arena_strdup(a, ""), "");
	assert_string_equal(arena_strndup(a, NULL, 0), "");
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	copy = arena_memdup(a, numbers, sizeof numbers);
	assert_int_equal((uintptr_t)copy % _Alignof(long), 0);
	assert_memory_equal(copy, numbers, sizeof numbers);
	array = arena_array(a, 1000, sizeof *array);
	assert_int_equal(array[999], 0);
	assert_string_equal(s, "abc");
	arena_free(a);
}

static void arena_keeps_many_small_things_apart(void **state)
{
	struct arena *a = arena_new();
	char *strings[5000], expected[16];
	int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		strings[i] = arena_printf(a, "%0*d", i % 13 + 1, i);
	for (i = 0; i < 5000; i++) {
		snprintf(expected, sizeof expected, "%0*d", i % 13 + 1, i);
		assert_string_equal(strings[i], expected);
	}
	arena_free(a);
}

static void vec_grows(void **state)
{
	VEC(int) numbers = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		vec_push(&numbers, i * i);
	assert_int_equal(numbers.n, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(numbers.v[i], i * i);
	vec_free(&numbers);
	assert_int_equal(numbers.n, 0);
	assert_null(numbers.v);
}

static void map_keeps_order_and_replaces(void **state)
{
	struct map *m = map_new();
	int a, b, c;

	(void)state;
	assert_null(map_get(m, "a"));
	map_put(m, "b", &b);
	map_put(m, "", &c);
	map_put(m, "a", &a);
	map_put(m, "b", &c);
	assert_int_equal(map_count(m), 3);
	assert_string_equal(map_key(m, 0), "b");
	assert_string_equal(map_key(m, 1), "");
	assert_string_equal(map_key(m, 2), "a");
	assert_ptr_equal(map_value(m, 0), &c);
	assert_ptr_equal(map_get(m, ""), &c);
	assert_ptr_equal(map_getn(m, "axx", 1), &a);
	assert_null(map_get(m, "ax"));
	map_free(m);
	map_free(NULL);
}

static void map_holds_many_keys(void **state)
{
	struct map *m = map_new();
	static int values[20000];
	char key[40];
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		snprintf(key, sizeof key, "key-%d-of-some-length-%d", i, i % 7);
		map_put(m, key, &values[i]);
	}
	assert_int_equal(map_count(m), 20000);
	for (i = 0; i < 20000; i++) {
		snprintf(key, sizeof key, "key-%d-of-some-length-%d", i, i % 7);
		assert_ptr_equal(map_get(m, key), &values[i]);
		assert_string_equal(map_key(m, (size_t)i), key);
	}
	assert_null(map_get(m, "key-20000-of-some-length-0"));
	map_free(m);
}

static void safe_is_empty_in_a_child(void **state)
{
	struct safe *s = safe_new();
	char *small = safe_alloc(s, 10), *large = safe_alloc(s, 1000000);
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(large[999999], 0);
	strcpy(small, "secret");
	strcpy(large, "secret");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(small[0] || large[0] ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(small, "secret");
	safe_free(s);
	safe_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_gives_zeroed_and_aligned_bytes),
		cmocka_unit_test(arena_copies),
		cmocka_unit_test(arena_keeps_many_small_things_apart),
		cmocka_unit_test(vec_grows),
		cmocka_unit_test(map_keeps_order_and_replaces),
		cmocka_unit_test(map_holds_many_keys),
		cmocka_unit_test(safe_is_empty_in_a_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
