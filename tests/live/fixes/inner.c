// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

static int new_answer(void)
{
	return 2;
}

static int new_held(void)
{
	return 22;
}

static struct klp_func funcs[] = {
	{ .old_name = "answer", .new_func = new_answer },
	{ .old_name = "held", .new_func = new_held },
	{},
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.objs = objs, .name = "fix");
