// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * object.c and, with -DOUTSIDE, its library. The new code uses data of the target, constants, data and
 * helpers of its own, and a function of libc.
 */
#include <stddef.h>
#include <stdlib.h>
#include <suture/livepatch.h>

extern int inside_runs;
static int own_runs;
static const char *const texts[] = { "100", "200" };

__attribute__((noinline)) static int number(int which)
{
	return atoi(texts[which]) + ++own_runs;
}

static int lp_inside(void)
{
	inside_runs += 10;
	return number(0);
}

static struct klp_func inside_funcs[] = { { .old_name = "inside", .new_func = lp_inside }, {} };

#ifdef OUTSIDE
/* -DCOPIED: the program has a copy of it, which is the one that all use. */
extern int outside_runs;
#ifdef COPIED
KLP_EXTERN(outside_runs, NULL, "outside_runs", 0);
#endif

static int lp_outside(void)
{
	outside_runs += 10;
	return number(1);
}

static int lp_private(void)
{
	return -1; /* nobody calls it any more */
}

static struct klp_func outside_funcs[] = { { .old_name = "outside", .new_func = lp_outside },
					   { .old_name = "private_part", .new_func = lp_private },
					   {} };
#endif

static struct klp_object objs[] = { { .funcs = inside_funcs },
#ifdef OUTSIDE
				    { .name = "liboutside.so", .funcs = outside_funcs },
#endif
				    {} };
KLP_PATCH(.name = "object", .objs = objs);
