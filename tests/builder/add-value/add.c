// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

extern volatile long limit;

static void raise_limit(struct klp_patch *patch, struct klp_state *state)
{
	state->data = (void *)limit;
	if (limit == 5 && klp_get_state(patch, 1) == state && patch == KLP_THIS_PATCH)
		limit = 7;
}

static void lower_limit(struct klp_patch *patch, struct klp_state *state)
{
	(void)patch;
	if (limit == 7)
		limit = (long)state->data;
}

static struct klp_state states[] = {
	{ .id = 1,
	  .version = 1,
	  .callbacks = { .post_patch = raise_limit, .pre_unpatch = lower_limit } },
	{},
};
KLP_PATCH(.states = states);
