// SPDX-License-Identifier: LGPL-2.1-or-later
/* guest.c - the function that calls one that never returns, and another that it calls before and after. */
#include <suture/livepatch.h>

static int version(void)
{
	return 2;
}

static int attempt(void)
{
	return version();
}

static struct klp_func funcs[] = { { .old_name = "version", .new_func = version },
				   { .old_name = "attempt", .new_func = attempt },
				   {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.objs = objs, .name = "guest");
