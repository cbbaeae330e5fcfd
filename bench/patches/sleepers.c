/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <suture/livepatch.h>

static int two(void)
{
	return 2;
}

static struct klp_func funcs[] = {
	{ .old_name = "version", .new_func = two },
	{},
};

static struct klp_object objs[] = {
	{ .funcs = funcs }, /* no name: the program */
	{},
};

KLP_PATCH(.name = "sleepers", .objs = objs);
