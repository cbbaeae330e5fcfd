/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <suture/livepatch.h>

static unsigned int plus_two(unsigned int x)
{
	return x + 2;
}

static struct klp_func funcs[] = {
	{ .old_name = "single", .new_func = plus_two },
	{},
};

static struct klp_object objs[] = {
	{ .funcs = funcs }, /* no name: the program */
	{},
};

KLP_PATCH(.name = "pause-single", .objs = objs);
