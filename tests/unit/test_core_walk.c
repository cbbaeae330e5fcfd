/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random walks through everything that can be asked of the core, with host calls that fail at
 * random; after each step its lists, flags and sites must fit together. The hosts of core_host.h
 * and core_life.h check the order of the calls. A walk depends on its number only.
 */
#include "core_life.h"

#define PATCHES 8
#define TASKS 5
#define WALKS 600
#define STEPS 400

static struct fake *fake;
static struct full pool[PATCHES];
static bool libx, liby; /* are in the target */
static uint64_t random_state;
static unsigned int number; /* of the walk, for who looks at a failure */

static unsigned int random_below(unsigned int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)(random_state >> 33) % n;
}

/* of the letters a..h: c and d are in libx, e in liby */
static void random_functions(char *text)
{
	unsigned int i, n = 0;

	for (i = 0; i < 8 && n < 4; i++) {
		if (!random_below(3))
			text[n++] = (char)('a' + i);
	}
	if (!n)
		text[n++] = (char)('a' + random_below(8));
	text[n] = '\0';
}

static void random_states(char *text)
{
	unsigned int i, n = 0;

	for (i = 1; i < 5; i++) {
		if (!random_below(3))
			text[n++] = (char)('0' + i);
	}
	text[n] = '\0';
}

static struct lp_patch *random_patch(struct full *full)
{
	static const char *const names[PATCHES] = {
		"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"
	};
	static const uint64_t scopes[] = { 1, 2 };
	char functions[5], states[5];
	struct lp_patch *patch;
	unsigned int i;

	random_functions(functions);
	random_states(states);
	patch = full_init(full, names[full - pool], functions, 1 + random_below(4), states);
	for (i = 0; i < patch->n_states; i++) {
		full->states[i].version = 1 + random_below(2);
		full->states[i].is_shadow = !random_below(2);
		full->states[i].block_disable = !random_below(12);
	}
	full_object(full, NULL, "abfgh", true);
	full_object(full, "libx", "cd", libx);
	full_object(full, "liby", "e", liby);
	patch->replace = !random_below(6);
	patch->conflicts_replace = !random_below(2);
	patch->obsoletes = scopes;
	patch->n_obsoletes = random_below(3);
	full->holds[0].name = "held";
	patch->holds = full->holds;
	patch->n_holds = random_below(2);
	return patch;
}

static void do_apply(void)
{
	struct lp_apply_options options = { .no_undo = !random_below(5),
					    .override = !random_below(2) };
	struct full *full = &pool[random_below(PATCHES)];

	if (full->sample.patch.enabled || full->sample.patch.kept)
		return;
	options.deadline.timeout_ns = random_below(2) * 40 * LP_PASS_INTERVAL_MIN_NS;
	options.deadline.policy = random_below(3);
	(void)!lp_core_apply(&fake->core, random_patch(full), &options, &fake->report);
}

static void do_object(void)
{
	bool is_x = random_below(2);
	bool *there = is_x ? &libx : &liby;

	if (!life_object(fake, is_x ? "libx" : "liby", !*there))
		*there = !*there;
}

static void do_tasks(void)
{
	unsigned int i = random_below(TASKS);

	fake->tasks[i].busy[random_below(2)] = random_below(4) ? 0 : FOREVER_BUSY;
}

static void do_pass(void)
{
	fake_run(fake, random_below(20) * LP_PASS_INTERVAL_MIN_NS);
}

static void do_undo(void)
{
	(void)!lp_core_undo(&fake->core, NULL, &fake->report);
}

static void do_disable(void)
{
	(void)!lp_core_disable(&fake->core, pool[random_below(PATCHES)].sample.patch.name, NULL,
			       &fake->report);
}

static void step(void)
{
	fake->fail_at = random_below(6) ? 0 : 1 + random_below(12);
	fake->redirect_again = random_below(8) ? 0 : 3;
	fake->report.total = 0;
	fake->n_released = 0;
	fake->n_log = 0;
	life_of(fake)->n_kept = 0;
	switch (random_below(12)) {
	case 0:
	case 1:
		do_apply();
		break;
	case 2:
		do_disable();
		break;
	case 3:
		(void)!lp_core_reverse(&fake->core, &fake->report);
		break;
	case 4:
		if (!random_below(5))
			(void)!lp_core_force(&fake->core, &fake->report);
		break;
	case 5:
		do_undo();
		break;
	case 6:
		do_object();
		break;
	case 7:
		(void)!lp_core_set_undo_depth(&fake->core, random_below(4));
		break;
	case 8:
		do_tasks();
		break;
	default:
		do_pass();
	}
	fake->fail_at = 0;
}

/* What must hold after each step. */

static void check_function(const struct lp_patch *patch, const struct lp_function *function)
{
	const struct lp_site *site = function->site;

	assert_ptr_equal(function->patch, patch);
	assert_int_equal(site != NULL, function->owner->present);
	if (!site)
		return;
	assert_true(lp_function_same(site->first, function));
	assert_ptr_equal(patch->coming ? site->next : site->current, function);
	assert_int_equal(lp_list_empty(&site->transition_link), !patch->in_transition);
	assert_false(site->fresh);
	if (!patch->in_transition)
		assert_ptr_equal(site->next, function);
}

static void check_enabled(const struct lp_patch *patch)
{
	const struct lp_patch *other;
	bool idle = fake->core.transition.phase == LP_PHASE_IDLE;
	unsigned int i;

	assert_true(patch->enabled);
	assert_false(patch->kept);
	assert_int_equal(patch->in_transition, !idle && (patch->coming || patch->leaving));
	for (i = 0; i < patch->n_functions; i++)
		check_function(patch, &patch->functions[i]);
	for (i = 0; i < patch->n_objects; i++) {
		assert_false(patch->objects[i].coming);
		assert_true(patch->objects[i].present || !patch->objects[i].pre_patched);
		assert_true(!idle || !patch->objects[i].owed);
	}
	assert_int_equal(patch->objects[1].present, libx);
	assert_int_equal(patch->objects[2].present, liby);
	lp_list_for_each(other, &fake->core.patches, link) {
		if (other != patch && !other->in_transition && !patch->in_transition)
			assert_int_not_equal(other->provides, patch->provides);
		for (i = 0; other != patch && i < patch->n_states; i++)
			assert_true(!lp_patch_find_state(other, patch->states[i].id) ||
				    (other->coming && patch->leaving) ||
				    (other->leaving && patch->coming));
	}
}

static unsigned int check_kept(void)
{
	const struct lp_patch *by, *patch;
	unsigned int n = 0, kept = 0;

	lp_list_for_each(by, &fake->core.undo, undo_link) {
		n++;
		assert_true(by->enabled || by->kept);
		lp_list_for_each(patch, &by->replaced, link) {
			kept++;
			assert_true(patch->kept);
			assert_false(patch->enabled || patch->coming || patch->in_transition);
			assert_int_equal(patch->objects[1].present, libx);
		}
	}
	assert_int_equal(n, fake->core.n_undo);
	assert_true(n <= fake->core.undo_depth);
	if (n)
		assert_true(
			lp_list_entry(fake->core.undo.prev, struct lp_patch, undo_link)->enabled);
	return kept;
}

static void check(void)
{
	const struct lp_patch *patch;
	const struct lp_site *site;
	unsigned int i, known = 0, all = 0;
	long sites = 0;

	lp_list_for_each(patch, &fake->core.patches, link) {
		check_enabled(patch);
		known++;
	}
	known += check_kept();
	for (i = 0; i < PATCHES; i++)
		all += pool[i].sample.patch.enabled || pool[i].sample.patch.kept;
	assert_int_equal(known, all);
	lp_list_for_each(site, &fake->core.sites, link) {
		assert_true(site->current || site->next);
		sites++;
	}
	assert_int_equal(sites, fake->sites_open);
	if (fake->core.transition.phase == LP_PHASE_IDLE) {
		assert_int_equal(fake->allocated, sites);
		assert_int_equal(life_of(fake)->n_open, 0);
		assert_false(fake->prepared || fake->redirected);
	}
}

static void walk_end(void)
{
	life_stall(fake, LP_PATCHED, false);
	life_stall(fake, LP_UNPATCHED, false);
	fake->redirect_again = 0;
	fake->n_released = 0;
	life_of(fake)->n_kept = 0;
	fake_run(fake, 100 * SECOND_NS);
	check();
	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
	life_destroy(fake);
}

static unsigned int undos;

static void walk(void)
{
	unsigned int i;

	memset(pool, 0, sizeof(pool));
	libx = liby = false;
	random_state = 0x9e3779b97f4a7c15ull * (number + 1);
	fake = life_create(TASKS);
	for (i = 0; i < STEPS; i++) {
		step();
		undos += fake->core.transition.undoing;
		check();
	}
	walk_end();
}

static void walks(void **state)
{
	(void)state;
	for (number = 0; number < WALKS; number++)
		walk();
	assert_true(undos > WALKS); /* it really gets around */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
