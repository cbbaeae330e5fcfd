// SPDX-License-Identifier: LGPL-2.1-or-later
/* The private functions of symbols.c: -DFIRST=n, -DSECOND=n are positions; 0 is none. */
#include <stddef.h>
#include <suture/livepatch.h>

extern int first_base, second_base;
KLP_EXTERN(first_base, NULL, "base", 1);
KLP_EXTERN(second_base, NULL, "base", 2);

static int lp_first(void)
{
	return first_base + 100;
}

static int lp_second(void)
{
	return second_base + 1000;
}

static struct klp_func funcs[] = {
#ifdef FIRST
	{ .old_name = "secret", .old_sympos = FIRST, .new_func = lp_first },
#endif
#ifdef SECOND
	{ .old_name = "secret", .old_sympos = SECOND, .new_func = lp_second },
#endif
	{}
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.name = "symbols", .objs = objs);
