/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* core_pass.h - for tests of passes: one fake host with three tasks, and one patch. */
#ifndef CORE_PASS_H
#define CORE_PASS_H

#include "core_host.h"

#define MS 1000000ull

static struct fake *fake;
static struct lp_core *core;
static struct lp_transition *tr;
static struct sample a;

static inline int setup(void **state)
{
	(void)state;
	fake = fake_create(3);
	core = &fake->core;
	tr = &core->transition;
	sample_init(&a, "a", "f", 0);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	fake_destroy(fake);
	return 0;
}

static inline void grow(unsigned int n_tasks)
{
	while (fake->n_tasks < n_tasks) {
		fake->tasks[fake->n_tasks].tid = fake->n_tasks + 1;
		fake->n_tasks++;
	}
}

static inline void apply_until(uint64_t timeout_ns, enum lp_on_timeout policy)
{
	struct lp_apply_options options = { .deadline = { timeout_ns, policy } };

	assert_int_equal(lp_core_apply(core, &a.patch, &options, &fake->report), 0);
}

static inline void apply(void)
{
	apply_until(0, LP_TIMEOUT_LEAVE);
}

static inline void busy(unsigned int tid, int times)
{
	fake->tasks[tid - 1].busy[LP_PATCHED] = times;
}

static inline void finish(void)
{
	unsigned int i;

	for (i = 0; i < fake->n_tasks; i++)
		fake->tasks[i].busy[LP_PATCHED] = fake->tasks[i].busy[LP_UNPATCHED] = 0;
	fake_run(fake, 10 * SECOND_NS);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
}

static inline const struct lp_blocker *blocker(int64_t tid)
{
	const struct lp_blocker *found;

	lp_list_for_each(found, &tr->blockers, link) {
		if (found->tid == tid)
			return found;
	}
	return NULL;
}

/* Moves the clock to the moment the core asked for, and calls it. */
static inline uint64_t next_pass(uint64_t wait_ns)
{
	fake->now_ns += wait_ns;
	return lp_core_pass(core);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
