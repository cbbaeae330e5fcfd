/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <suture/livepatch.h>

#include "work.h"

static unsigned int plus_two(unsigned int x)
{
	return x + 2;
}

static unsigned int work_plus_two(unsigned int x)
{
	return work_of(x + 2);
}

static void not_held(void)
{
}

static struct klp_func funcs[] = {
	{ .old_name = "single", .new_func = plus_two },
	{ .old_name = "wide", .new_func = plus_two },
	{ .old_name = "pad", .new_func = plus_two },
	{ .old_name = "multi", .new_func = plus_two },
	{ .old_name = "work", .new_func = work_plus_two },
	{ .old_name = "held", .new_func = not_held },
	{},
};

static struct klp_object objs[] = {
	{ .funcs = funcs } /* no name: the program */,
	{},
};

KLP_PATCH(.name = "call", .objs = objs);
