// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

static long new_twice(long n)
{
	return n * 4;
}

static struct klp_func funcs[] = { { .old_name = "twice", .new_func = new_twice }, {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.objs = objs);
