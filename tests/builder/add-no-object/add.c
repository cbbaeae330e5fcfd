// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

static void note(struct klp_object *object)
{
	(void)object;
}

static struct klp_object objs[] = {
	{ .name = "libother.so", .callbacks = { .post_patch = note } },
	{},
};
KLP_PATCH(.objs = objs);
