// SPDX-License-Identifier: LGPL-2.1-or-later
/* answer() and held() of young.c. */
#include <stddef.h>
#include <suture/livepatch.h>

static int lp_two(void)
{
	return 2;
}

static int lp_held(void)
{
	return 2;
}

static struct klp_func funcs[] = { { .old_name = "answer", .new_func = lp_two },
				   { .old_name = "held", .new_func = lp_held },
				   {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.name = "young", .objs = objs);
