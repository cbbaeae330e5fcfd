/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * state.h - named changes of data. Of all enabled patches at most one has a state id.
 *
 *	coming patches  leaving patches  the state is
 *	one has it      -                introduced: pre_patch at the start, post_patch at the end
 *	one has it      one has it       taken over: nothing is called
 *	-               one has it       dropped: pre_unpatch, post_unpatch of the one that has it
 *
 * On the way back the same with the other post_: introduced states get post_unpatch, dropped ones
 * post_patch.
 */
#ifndef LP_CORE_STATE_H
#define LP_CORE_STATE_H

#include "transition.h"

/* One call of a callback that an author gave: exactly one of state and object is not NULL. */
struct lp_callback_call {
	enum lp_callback which;
	const struct lp_patch_state *state; /* of the patch that the callback belongs to */
	struct lp_patch_object *object;
};

/* For klp_get_state(): the patch's state of this id, or NULL. */
const struct lp_patch_state *lp_state_get(const struct lp_core *core, const struct lp_patch *patch,
					  uint64_t id);
/*
 * For klp_get_prev_state(): in a transition (its callbacks included) that puts patches in the place
 * of others, the state of this id in one of those others. NULL in any other transition, and
 * without one.
 */
const struct lp_patch_state *lp_state_get_prev(const struct lp_core *core, uint64_t id);

/*
 * Inside the core. The callbacks of states and objects at the ends of a transition; tr->coming and
 * tr->leaving are known. start: every pre_; 0, or -ECANCELED (reported) when a pre_patch failed,
 * and then those before it are undone. finish: every post_; forward: the transition took place.
 */
int lp_state_start(struct lp_core *core, struct lp_report *report) LP_MUST_CHECK;
void lp_state_finish(struct lp_core *core, bool forward);
/* Reports each block_disable state that the transition introduces. True: there is none. */
bool lp_state_check_reverse(const struct lp_core *core, struct lp_report *report);

#endif
