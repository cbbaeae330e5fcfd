// SPDX-License-Identifier: LGPL-2.1-or-later
/* stay.c - all functions of victims/stay.c that threads are in. */
#include <suture/livepatch.h>

static void nothing(void)
{
}

static struct klp_func funcs[] = { { .old_name = "handle_loop", .new_func = nothing },
				   { .old_name = "plough", .new_func = nothing },
				   { .old_name = "compute", .new_func = nothing },
				   { .old_name = "wait_for_it", .new_func = nothing },
				   { .old_name = "visit", .new_func = nothing },
				   { .old_name = "dip", .new_func = nothing },
				   {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.objs = objs, .name = "fix");
