/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* core_undo.h - for tests of undo: four patches of one fake host, and short words for it. */
#ifndef CORE_UNDO_H
#define CORE_UNDO_H

#include "core_life.h"

static struct fake *fake;
static struct full a, b, c, d;

static inline int setup(void **state)
{
	(void)state;
	fake = life_create(2);
	full_init(&a, "a", "fg", 1, "");
	full_init(&c, "c", "fx", 3, "");
	full_init(&d, "d", "y", 4, "");
	full_init(&b, "b", "ih", 2, "");
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	life_destroy(fake);
	return 0;
}

static inline int start(struct full *full)
{
	return lp_core_apply(&fake->core, &full->sample.patch, NULL, &fake->report);
}

static inline void run(void)
{
	fake_run(fake, 10 * SECOND_NS);
	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
}

static inline void apply(struct full *full)
{
	assert_int_equal(start(full), 0);
	run();
	life_story(fake);
}

static inline void undo(void)
{
	assert_int_equal(lp_core_undo_check(&fake->core, &fake->report), 0);
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	run();
}

static inline void refused(const char *reasons)
{
	assert_int_equal(lp_core_undo_check(&fake->core, &fake->report), -ECANCELED);
	assert_string_equal(fake_refusals(fake), reasons);
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), -ECANCELED);
	assert_string_equal(fake_refusals(fake), reasons);
	assert_string_equal(life_story(fake), "");
}

/* "b a": the enabled patches, in their order */
static inline const char *enabled(void)
{
	static char text[64];
	const struct lp_patch *patch;

	text[0] = '\0';
	lp_list_for_each(patch, &fake->core.patches, link) {
		assert_true(patch->enabled);
		assert_false(patch->kept || patch->coming || patch->leaving);
		strcat(text, text[0] ? " " : "");
		strcat(text, patch->name);
	}
	return text;
}

/* "c: a b": what undo would do */
static inline const char *listed(void)
{
	static char text[64];
	const struct lp_patch *patch = lp_core_undo_list(&fake->core), *other;

	if (!patch)
		return "";
	strcpy(text, patch->name);
	lp_list_for_each(other, &patch->replaced, link) {
		assert_true(other->kept);
		strcat(text, " ");
		strcat(text, other->name);
	}
	return text;
}

/* c in the place of both */
static inline void replace_both(void)
{
	c.sample.patch.replace = true;
	apply(&a);
	apply(&b);
	apply(&c);
	assert_string_equal(enabled(), "c");
}

static inline void chain_init(void)
{
	full_init(&b, "b", "gh", 1, "");
	full_init(&c, "c", "fx", 1, "");
	full_init(&d, "d", "y", 1, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
