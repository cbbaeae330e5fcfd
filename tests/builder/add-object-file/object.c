// SPDX-License-Identifier: LGPL-2.1-or-later
/* sections with several functions, and several variables */
#include <suture/livepatch.h>

long third_of(long n);
long half_of(long n);
long nothing = 3, shift = 11;

long third_of(long n)
{
	return n / 3;
}

long half_of(long n)
{
	return n / 2;
}

static void note(struct klp_patch *patch, struct klp_state *state)
{
	(void)patch;
	(void)state;
	shift = shift == 11 ? 11 : 0;
}

static struct klp_state states[] = {
	{ .id = 5, .version = 1, .callbacks = { .post_patch = note } },
	{},
};
KLP_PATCH(.states = states);
