/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hold.h"

/*
 * What a call of it runs now, if a patch has changed it that the transition leaves alone. (Those
 * of the transition need no telling: both versions of their functions are waited for anyway.)
 */
static const struct lp_function *held_function(const struct lp_core *core,
					       const struct lp_hold *hold)
{
	struct lp_function key = { .object = hold->object,
				   .name = hold->name,
				   .sympos = hold->sympos };
	const struct lp_patch *patch;

	lp_list_for_each(patch, &core->patches, link) {
		const struct lp_function *found = lp_patch_find(patch, &key);

		if (found && !patch->leaving)
			return found;
	}
	return NULL;
}

static void holds_join_patch(struct lp_core *core, struct lp_patch *patch)
{
	unsigned int i;

	for (i = 0; i < patch->n_holds; i++) {
		struct lp_hold *hold = &patch->holds[i];

		hold->function = held_function(core, hold);
		lp_list_append(&core->transition.holds, &hold->transition_link);
	}
}

void lp_holds_join(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch;

	lp_list_for_each(patch, &tr->leaving, transition_link)
		holds_join_patch(core, patch);
	lp_list_for_each(patch, &tr->coming, transition_link)
		holds_join_patch(core, patch);
}

void lp_holds_leave(struct lp_transition *tr)
{
	while (!lp_list_empty(&tr->holds)) {
		struct lp_hold *hold = lp_list_entry(tr->holds.next, struct lp_hold,
						     transition_link);

		lp_list_remove(&hold->transition_link);
		hold->function = NULL;
	}
}
