/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * state.h - a state of the patches that have it, with a callback at each point: none may be left out,
 * called twice, or called for a state that is taken over. For fix1 and fix2.
 */
#ifndef LP_ORACLE_STATE_H
#define LP_ORACLE_STATE_H

#include <suture/livepatch.h>

enum { STATE_OUT, STATE_BETWEEN, STATE_IN };

extern int state_level; /* the victim's */
extern void state_is_broken(const char *callback, int level);

static void state_step(const char *callback, int from, int to)
{
	if (state_level != from)
		state_is_broken(callback, state_level);
	state_level = to;
}

static int pre_patch(struct klp_patch *patch, struct klp_state *state)
{
	(void)patch;
	(void)state;
	state_step("pre_patch", STATE_OUT, STATE_BETWEEN);
	return 0;
}

static void post_patch(struct klp_patch *patch, struct klp_state *state)
{
	(void)patch;
	(void)state;
	state_step("post_patch", STATE_BETWEEN, STATE_IN);
}

static void pre_unpatch(struct klp_patch *patch, struct klp_state *state)
{
	(void)patch;
	(void)state;
	state_step("pre_unpatch", STATE_IN, STATE_BETWEEN);
}

static void post_unpatch(struct klp_patch *patch, struct klp_state *state)
{
	(void)patch;
	(void)state;
	state_step("post_unpatch", STATE_BETWEEN, STATE_OUT);
}

static const struct klp_state states[] = {
	{ .id = 1, .callbacks = { pre_patch, post_patch, pre_unpatch, post_unpatch } },
	{},
};

#endif
