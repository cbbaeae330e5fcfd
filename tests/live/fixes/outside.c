// SPDX-License-Identifier: LGPL-2.1-or-later
/* The library of object.c alone, with its public variable. */
#include <stddef.h>
#include <suture/livepatch.h>

extern int outside_runs;

static int lp_outside(void)
{
	return outside_runs += 10;
}

static struct klp_func funcs[] = { { .old_name = "outside", .new_func = lp_outside }, {} };
static struct klp_object objs[] = { { .name = "liboutside.so", .funcs = funcs }, {} };
KLP_PATCH(.name = "outside", .objs = objs);
