/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The n-th fallible operation of the host fails, for every n: nothing leaks, nothing changed. */
#include "core_host.h"

struct picture {
	bool enabled[3], in_transition[3], leaving[3], forced[3], pinned[3], replaceable[3];
	struct lp_site *sites[8];
	struct lp_function *first[8], *current[8], *next[8];
	unsigned int n_sites;
	long allocated, sites_open;
	uint64_t epoch;
};

static struct sample samples[3];

static void setup_samples(void)
{
	sample_init(&samples[0], "a", "fg", 1);
	sample_init(&samples[1], "b", "h", 2);
	sample_init(&samples[2], "c", "gxyz", 1); /* g from a, f back, three new sites */
}

static struct picture take_picture(struct fake *fake)
{
	struct picture picture;
	struct lp_site *site;
	unsigned int i;

	memset(&picture, 0, sizeof(picture)); /* compared with its padding */
	for (i = 0; i < 3; i++) {
		const struct lp_patch *patch = &samples[i].patch;

		picture.enabled[i] = patch->enabled;
		picture.in_transition[i] = patch->in_transition;
		picture.leaving[i] = patch->leaving;
		picture.forced[i] = patch->forced;
		picture.pinned[i] = patch->pinned;
		picture.replaceable[i] = patch->replaceable;
	}
	lp_list_for_each(site, &fake->core.sites, link) {
		i = picture.n_sites++;
		picture.sites[i] = site;
		picture.first[i] = site->first;
		picture.current[i] = site->current;
		picture.next[i] = site->next;
		assert_true(lp_list_empty(&site->transition_link));
	}
	picture.allocated = fake->allocated;
	picture.sites_open = fake->sites_open;
	picture.epoch = fake->core.epoch;
	return picture;
}

static void assert_unchanged(struct fake *fake, const struct picture *before)
{
	struct picture after = take_picture(fake);

	assert_memory_equal(before, &after, sizeof(after));
	assert_false(fake->prepared);
	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
	assert_true(lp_list_empty(&fake->core.transition.sites));
}

static struct fake *start(unsigned int n_tasks)
{
	struct fake *fake = fake_create(n_tasks);
	unsigned int i;

	setup_samples();
	fake_apply(fake, &samples[0].patch);
	fake_apply(fake, &samples[1].patch);
	for (i = 0; i < n_tasks; i++)
		fake->tasks[i].busy[LP_PATCHED] = (int)i % 3;
	fake->n_log = 0;
	return fake;
}

static void end(struct fake *fake)
{
	fake->fail_at = 0;
	fake_run(fake, 10 * SECOND_NS);
	fake_destroy(fake);
}

/* An apply that says no: everything as it was, the patch is the caller's, the report says why. */
static void assert_refused_whole(struct fake *fake, const struct picture *before, int error)
{
	unsigned int i;

	assert_unchanged(fake, before);
	assert_int_equal(fake->report.total, 1);
	assert_int_equal(fake->refusals[0].reason,
			 error == -ENOMEM ? LP_REASON_NO_MEMORY : LP_REASON_SYSTEM);
	assert_int_equal(fake->n_released, 0);
	assert_int_equal(fake->n_log, 0);
	for (i = 0; i < samples[2].patch.n_functions; i++)
		assert_null(samples[2].functions[i].site);
}

/* True: the fault was met before the end. */
static bool apply_with_fault(long n)
{
	struct fake *fake = start(4);
	struct picture before = take_picture(fake);
	bool met;
	int error;

	fake->fail_at = n;
	error = lp_core_apply(&fake->core, &samples[2].patch, NULL, &fake->report);
	if (error) {
		assert_refused_whole(fake, &before, error);
		/* and the next one succeeds */
		assert_int_equal(lp_core_apply(&fake->core, &samples[2].patch, NULL, &fake->report),
				 0);
	}
	fake_run(fake, 10 * SECOND_NS);
	met = !fake->fail_at;
	if (fake_count(fake, LP_EVENT_ABANDON)) {
		before.epoch++;
		assert_unchanged(fake, &before);
		assert_int_equal(fake->n_released, 1);
		assert_ptr_equal(fake->released[0], &samples[2].patch);
	} else {
		assert_true(samples[2].patch.enabled);
		assert_ptr_equal(fake->released[0], &samples[0].patch);
	}
	end(fake);
	return met;
}

static bool disable_with_fault(long n)
{
	struct fake *fake = start(4);
	struct picture before = take_picture(fake);
	bool met;
	int error;

	fake->fail_at = n;
	error = lp_core_disable(&fake->core, "a", NULL, &fake->report);
	if (error)
		assert_refused_whole(fake, &before, error);
	fake_run(fake, 10 * SECOND_NS);
	met = !fake->fail_at;
	if (fake_count(fake, LP_EVENT_ABANDON)) {
		before.epoch++;
		assert_unchanged(fake, &before);
	} else if (!error) {
		assert_false(samples[0].patch.enabled);
		assert_int_equal(fake->n_released, 1);
	}
	end(fake);
	return met;
}

/* Apply, turn around midway, turn around again, force; whatever fails. */
static bool odyssey_with_fault(long n)
{
	struct fake *fake = start(4);
	bool met;

	fake->tasks[0].busy[LP_PATCHED] = FOREVER_BUSY;
	fake->fail_at = n;
	if (!lp_core_apply(&fake->core, &samples[2].patch, NULL, &fake->report)) {
		fake_run(fake, 5 * LP_PASS_INTERVAL_MIN_NS);
		(void)!lp_core_reverse(&fake->core, &fake->report);
		(void)!lp_core_reverse(&fake->core, &fake->report);
		fake_run(fake, 5 * LP_PASS_INTERVAL_MIN_NS);
		(void)!lp_core_force(&fake->core, &fake->report);
	}
	met = !fake->fail_at;
	fake->tasks[0].busy[LP_PATCHED] = 0;
	end(fake);
	return met;
}

static void every_fault(bool (*run)(long n), long at_least)
{
	long n = 1;

	while (run(n))
		n++;
	assert_true(n > at_least); /* the faults were really there */
}

static void faults_of_apply(void **state)
{
	(void)state;
	every_fault(apply_with_fault, 3 * 2 + 1 + 1 + 3);
}

static void faults_of_disable(void **state)
{
	(void)state;
	every_fault(disable_with_fault, 1 + 1 + 3);
}

static void faults_of_reverse_and_force(void **state)
{
	(void)state;
	every_fault(odyssey_with_fault, 3 * 2 + 1 + 1 + 4);
}

/* The host's own words are better than ours. */
static int telling_prepare(void *host, struct lp_transition *tr)
{
	struct fake *fake = host;

	(void)tr;
	lp_report_add(&fake->report, (struct lp_refusal){ .reason = LP_REASON_NO_MEMORY_NEAR });
	return -ENOMEM;
}

static int telling_site_open(void *host, struct lp_site *site)
{
	struct fake *fake = host;

	lp_report_add(&fake->report, (struct lp_refusal){ .reason = LP_REASON_BYTES_DIFFER,
							  .function = site->first->name });
	return -EINVAL;
}

static void the_host_may_report_itself(void **state)
{
	struct fake *fake = start(1);
	struct lp_host host = fake_host;

	(void)state;
	fake->core.host = &host;
	host.prepare = telling_prepare;
	assert_int_equal(lp_core_apply(&fake->core, &samples[2].patch, NULL, &fake->report),
			 -ENOMEM);
	assert_string_equal(fake_refusals(fake), "no-memory-near()");
	host.site_open = telling_site_open;
	assert_int_equal(lp_core_apply(&fake->core, &samples[2].patch, NULL, &fake->report),
			 -EINVAL);
	assert_string_equal(fake_refusals(fake), "bytes-differ(,:x)");
	fake->core.host = &fake_host;
	end(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_of_apply),
		cmocka_unit_test(faults_of_disable),
		cmocka_unit_test(faults_of_reverse_and_force),
		cmocka_unit_test(the_host_may_report_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
