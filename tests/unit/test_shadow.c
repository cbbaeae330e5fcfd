// SPDX-License-Identifier: LGPL-2.1-or-later
/* Shadow variables, one thread: what each call does, its edges, and memory that runs out. */
#include "shadow_host.h"

#include <stdio.h>
#include <string.h>

/* the real one unless a test wants all in one bucket */
static bool one_bucket;
#define LP_SHADOW_HASH(seed, obj, id) (one_bucket ? 7 : shadow_hash(seed, obj, id))
#include "../../src/core/shadow.c"

#define MANY 1000000

static struct shadow_fake fake;
static unsigned int ctors, dtors;

static int setup(void **state)
{
	(void)state;
	one_bucket = false;
	ctors = dtors = 0;
	shadow_fake_init(&fake);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	shadow_fake_deinit(&fake);
	return 0;
}

static void *object(uintptr_t n)
{
	return (void *)(0x10000000 + n * 48);
}

/* under the lock, not to be seen yet, zeroed */
static int ctor(void *obj, void *data, void *ctor_data)
{
	ctors++;
	assert_true(fake.locked);
	assert_int_equal(*(int *)data, 0);
	assert_null(lp_shadow_get(&fake.shadow, obj, 1));
	*(int *)data = *(int *)ctor_data;
	return 0;
}

static int bad_ctor(void *obj, void *data, void *ctor_data)
{
	(void)obj;
	(void)ctor_data;
	*(int *)data = 99;
	ctors++;
	return -EINVAL;
}

/* under the lock, not to be seen any more, memory still there */
static void dtor(void *obj, void *data)
{
	dtors++;
	assert_true(fake.locked);
	assert_null(lp_shadow_get(&fake.shadow, obj, 1));
	*(int *)data = -1;
}

static void nothing_at_first(void **state)
{
	(void)state;
	assert_null(lp_shadow_get(&fake.shadow, object(0), 1));
	assert_null(lp_shadow_get(&fake.shadow, NULL, 0));
	lp_shadow_free(&fake.shadow, object(0), 1, dtor);
	lp_shadow_free_all(&fake.shadow, 1, dtor);
	assert_int_equal(lp_shadow_count(&fake.shadow), 0);
	assert_int_equal(dtors, 0);
	assert_int_equal(fake.bytes, 0);
}

static void alloc_refuses_a_second_one(void **state)
{
	int five = 5, six = 6;
	int *data = lp_shadow_alloc(&fake.shadow, object(0), 1, sizeof(int), ctor, &five);

	(void)state;
	assert_int_equal(*data, 5);
	assert_ptr_equal(lp_shadow_get(&fake.shadow, object(0), 1), data);
	assert_null(lp_shadow_alloc(&fake.shadow, object(0), 1, sizeof(int), ctor, &six));
	assert_int_equal(*data, 5);
	assert_int_equal(ctors, 1);
	assert_int_equal(lp_shadow_count(&fake.shadow), 1);
}

static void get_or_alloc_constructs_once(void **state)
{
	int five = 5, six = 6;
	int *data = lp_shadow_get_or_alloc(&fake.shadow, object(0), 1, sizeof(int), ctor, &five);
	unsigned int locks = fake.locks;

	(void)state;
	assert_ptr_equal(
		lp_shadow_get_or_alloc(&fake.shadow, object(0), 1, sizeof(int), ctor, &six), data);
	assert_int_equal(fake.locks, locks); /* what exists is found without the lock */
	assert_int_equal(*data, 5);
	assert_int_equal(ctors, 1);
}

static void a_constructor_that_fails_leaves_nothing(void **state)
{
	long allocated;

	(void)state;
	for (uintptr_t n = 0; n < 100; n++) { /* also when the table is about to grow */
		allocated = fake.allocated;
		assert_null(lp_shadow_alloc(&fake.shadow, object(n), 1, 4, bad_ctor, NULL));
		assert_null(lp_shadow_get_or_alloc(&fake.shadow, object(n), 1, 4, bad_ctor, NULL));
		assert_int_equal(fake.allocated, allocated);
		assert_int_equal(lp_shadow_count(&fake.shadow), n);
		assert_null(lp_shadow_get(&fake.shadow, object(n), 1));
		assert_non_null(lp_shadow_alloc(&fake.shadow, object(n), 1, 4, NULL, NULL));
	}
	assert_int_equal(ctors, 200);
}

static void pairs_are_told_apart(void **state)
{
	void *a = lp_shadow_alloc(&fake.shadow, object(0), 1, 8, NULL, NULL);
	void *b = lp_shadow_alloc(&fake.shadow, object(0), 2, 8, NULL, NULL);
	void *c = lp_shadow_alloc(&fake.shadow, object(1), 1, 8, NULL, NULL);

	(void)state;
	assert_ptr_equal(lp_shadow_get(&fake.shadow, object(0), 1), a);
	assert_ptr_equal(lp_shadow_get(&fake.shadow, object(0), 2), b);
	assert_ptr_equal(lp_shadow_get(&fake.shadow, object(1), 1), c);
	assert_null(lp_shadow_get(&fake.shadow, object(1), 2));
	lp_shadow_free(&fake.shadow, object(0), 1, NULL);
	assert_null(lp_shadow_get(&fake.shadow, object(0), 1));
	assert_ptr_equal(lp_shadow_get(&fake.shadow, object(0), 2), b);
	assert_ptr_equal(lp_shadow_get(&fake.shadow, object(1), 1), c);
}

/* also two pairs that a sum or an exclusive or of their halves would take for one */
static void odd_keys_and_sizes(void **state)
{
	static const struct {
		uintptr_t obj;
		unsigned long id;
	} keys[] = { { 0, 0 },	       { 0, 1 },	{ 1, 0 },     { 0, ~0ul },
		     { ~0ul, 0 },      { ~0ul, ~0ul },	{ 4096, 64 }, { 64, 4096 },
		     { 42, 0 },	       { 42, 42 },	{ 0, 42 },    { 1ul << 63, 0 },
		     { 1ul << 47, 1 }, { 0, 1ul << 63 } };
	enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
	void *data[KEYS];

	(void)state;
	for (size_t i = 0; i < KEYS; i++) {
		assert_null(lp_shadow_get(&fake.shadow, (void *)keys[i].obj, keys[i].id));
		data[i] = lp_shadow_alloc(&fake.shadow, (void *)keys[i].obj, keys[i].id, 0, NULL,
					  NULL);
		assert_non_null(data[i]); /* no bytes, but it is there */
	}
	for (size_t i = 0; i < KEYS; i++)
		for (size_t j = 0; j < KEYS; j++)
			assert_true((lp_shadow_get(&fake.shadow, (void *)keys[j].obj, keys[j].id) ==
				     data[i]) == (i == j));
	assert_null(lp_shadow_alloc(&fake.shadow, object(1), 1, SIZE_MAX, ctor, NULL));
	assert_int_equal(lp_shadow_count(&fake.shadow), KEYS);
}

static void free_destroys_then_it_can_be_made_again(void **state)
{
	int five = 5;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_non_null(lp_shadow_alloc(&fake.shadow, object(0), 1, 4, ctor, &five));
		lp_shadow_free(&fake.shadow, object(0), 1, dtor);
		lp_shadow_free(&fake.shadow, object(0), 1, dtor);
		assert_int_equal(lp_shadow_count(&fake.shadow), 0);
	}
	assert_int_equal(dtors, 1000);
	assert_int_equal(fake.allocated, 1); /* the first table, for as often as one likes */
}

static void free_all_takes_one_id(void **state)
{
	(void)state;
	for (int bucket = 0; bucket < 2; bucket++) {
		one_bucket = bucket;
		dtors = 0;
		for (uintptr_t n = 0; n < 500; n++)
			for (unsigned long id = 0; id < 3; id++)
				assert_non_null(lp_shadow_alloc(&fake.shadow, object(n), id, 4,
								NULL, NULL));
		lp_shadow_free_all(&fake.shadow, 1, dtor);
		assert_int_equal(dtors, 500);
		assert_int_equal(lp_shadow_count(&fake.shadow), 1000);
		for (uintptr_t n = 0; n < 500; n++)
			for (unsigned long id = 0; id < 3; id++)
				assert_true(!lp_shadow_get(&fake.shadow, object(n), id) ==
					    (id == 1));
		lp_shadow_free_all(&fake.shadow, 0, NULL);
		lp_shadow_free_all(&fake.shadow, 2, NULL);
		assert_int_equal(lp_shadow_count(&fake.shadow), 0);
		lp_shadow_deinit(&fake.shadow);
		shadow_fake_init(&fake);
	}
}

/* what the table must be like between any two calls */
static void check_table(void)
{
	const struct lp_shadow_table *table = fake.shadow.table;
	size_t used = 0;

	for (size_t i = 0; i <= table->mask; i++) {
		const struct shadow_slot *slot = &table->slots[i];

		assert_int_equal(slot->generation & 1, 0);
		if (!slot->data)
			continue;
		used++;
		for (size_t home = (size_t)LP_SHADOW_HASH(fake.shadow.seed, slot->obj, slot->id) &
				   table->mask;
		     home != i; home = (home + 1) & table->mask)
			assert_non_null(table->slots[home].data);
	}
	assert_int_equal(used, lp_shadow_count(&fake.shadow));
	assert_true(used * 3 <= (table->mask + 1) * 2);
}

/* against a plain array, long enough that every place of every run is freed at times */
static void random_calls(bool bucket)
{
	enum { KEYS = 300 };
	static void *expected[KEYS];
	uint32_t random = 1;

	memset(expected, 0, sizeof(expected));
	one_bucket = bucket;
	for (int i = 0; i < 20000; i++) {
		random = random * 1664525 + 1013904223;
		unsigned int n = (random >> 8) % KEYS;
		/* mostly growing and mostly shrinking by turns */
		bool add = (random >> 24) % 8 < (i / 2000 % 2 ? 2 : 6);
		void *obj = object(n / 2), *data;

		assert_ptr_equal(lp_shadow_get(&fake.shadow, obj, n % 2), expected[n]);
		if (add) {
			data = lp_shadow_alloc(&fake.shadow, obj, n % 2, 8, NULL, NULL);
			assert_true(!data == !!expected[n]);
			expected[n] = data ? data : expected[n];
		} else {
			lp_shadow_free(&fake.shadow, obj, n % 2, NULL);
			expected[n] = NULL;
		}
		if (i % 16 == 0 && fake.shadow.table)
			check_table();
	}
	for (unsigned int n = 0; n < KEYS; n++)
		assert_ptr_equal(lp_shadow_get(&fake.shadow, object(n / 2), n % 2), expected[n]);
}

static void any_order_of_calls(void **state)
{
	(void)state;
	random_calls(false);
}

static void all_in_one_bucket(void **state)
{
	(void)state;
	random_calls(true);
}

static void every_allocation_can_fail(void **state)
{
	int five = 5;

	(void)state;
	for (uintptr_t n = 0; n < 100; n++) {
		for (long nth = 1;; nth++) {
			struct lp_shadow_table *table = fake.shadow.table;
			long allocated = fake.allocated;
			unsigned int constructed = ctors;

			fake.fail_at = nth;
			if (lp_shadow_alloc(&fake.shadow, object(n), 1, 4, ctor, &five)) {
				assert_int_equal(fake.fail_at, 1); /* none was left to fail */
				break;
			}
			assert_int_equal(fake.fail_at, 0);
			assert_int_equal(fake.allocated, allocated);
			assert_ptr_equal(fake.shadow.table, table);
			assert_int_equal(ctors, constructed);
			assert_int_equal(lp_shadow_count(&fake.shadow), n);
			for (uintptr_t i = 0; i <= n; i++)
				assert_true(!lp_shadow_get(&fake.shadow, object(i), 1) == (i == n));
		}
		fake.fail_at = 0;
	}
}

static void a_million(void **state)
{
	static void *data[MANY];

	(void)state;
	for (uintptr_t n = 0; n < MANY; n++)
		data[n] = lp_shadow_alloc(&fake.shadow, object(n), n % 5, 0, NULL, NULL);
	assert_int_equal(lp_shadow_count(&fake.shadow), MANY);
	for (uintptr_t n = 0; n < MANY; n++) {
		assert_non_null(data[n]);
		assert_ptr_equal(lp_shadow_get(&fake.shadow, object(n), n % 5), data[n]);
	}
	check_table();
	/* docs/design/shadow.md: at most 192 bytes for each, old tables too */
	assert_true(fake.bytes - MANY <= 192ul * MANY);
	lp_shadow_free_all(&fake.shadow, 3, NULL);
	assert_int_equal(lp_shadow_count(&fake.shadow), MANY / 5 * 4);
	for (uintptr_t n = 0; n < MANY; n++)
		assert_ptr_equal(lp_shadow_get(&fake.shadow, object(n), n % 5),
				 n % 5 == 3 ? NULL : data[n]);
}

/* The mean distance of a slot from home is 0.5 for a perfect hash at half load. */
static void the_hash_is_good_for(unsigned int shift, bool by_id)
{
	enum { COUNT = 8192 };
	const struct lp_shadow_table *table;
	size_t far = 0, sum = 0;

	for (uintptr_t n = 0; n < COUNT; n++)
		lp_shadow_alloc(&fake.shadow, (void *)(by_id ? 64 : n << shift),
				by_id ? n << shift : 1, 0, NULL, NULL);
	table = fake.shadow.table;
	assert_int_equal(table->mask + 1, 2 * COUNT);
	for (size_t i = 0; i <= table->mask; i++) {
		const struct shadow_slot *slot = &table->slots[i];
		size_t distance = (i -
				   (size_t)LP_SHADOW_HASH(fake.shadow.seed, slot->obj, slot->id)) &
				  table->mask;

		if (!slot->data)
			continue;
		sum += distance;
		far = distance > far ? distance : far;
	}
	if (sum > COUNT * 6 / 10 || far > 100)
		fail_msg("shift %u: mean %f, worst %zu", shift, (double)sum / COUNT, far);
	shadow_fake_deinit(&fake);
	shadow_fake_init(&fake);
}

static void the_hash_is_good(void **state)
{
	(void)state;
	for (unsigned int shift = 0; shift < 49; shift++) {
		the_hash_is_good_for(shift, false);
		the_hash_is_good_for(shift, true);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_at_first),
		CASE(alloc_refuses_a_second_one),
		CASE(get_or_alloc_constructs_once),
		CASE(a_constructor_that_fails_leaves_nothing),
		CASE(pairs_are_told_apart),
		CASE(odd_keys_and_sizes),
		CASE(free_destroys_then_it_can_be_made_again),
		CASE(free_all_takes_one_id),
		CASE(any_order_of_calls),
		CASE(all_in_one_bucket),
		CASE(every_allocation_can_fail),
		CASE(a_million),
		CASE(the_hash_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
