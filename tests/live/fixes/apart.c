// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * apart.c and its library. Private data of both is reached directly, as the code of each of them does;
 * and both new functions use data and code of the patch, their own and what they share.
 */
#include <stddef.h>
#include <suture/livepatch.h>

#define DIRECT __attribute__((visibility("hidden")))

extern volatile int inside_secret DIRECT, outside_secret DIRECT;
extern int outside_add(int, int) DIRECT;
KLP_EXTERN(inside_secret, NULL, "secret", 0);
KLP_EXTERN(outside_secret, "libapart_library.so", "secret", 0);
KLP_EXTERN(outside_add, "libapart_library.so", "add", 0);

static int calls, outside_calls = 1000;

__attribute__((noinline)) static int count(void)
{
	return ++calls;
}

static int lp_inside(void)
{
	return inside_secret * 100 + count();
}

static int lp_outside(void (*inner)(void))
{
	outside_calls += 1000;
	if (inner)
		inner();
	return outside_add(outside_secret * 100 + outside_calls, count());
}

#ifdef MIXED
static int lp_add(int a, int b)
{
	return a + b + inside_secret + outside_secret;
}
#endif

static struct klp_func inside_funcs[] = { { .old_name = "inside", .new_func = lp_inside }, {} };
static struct klp_func outside_funcs[] = { { .old_name = "outside", .new_func = lp_outside },
#ifdef MIXED
					   { .old_name = "add", .new_func = lp_add },
#endif
					   {} };
static struct klp_object objs[] = { { .funcs = inside_funcs },
				    { .name = "libapart_library.so", .funcs = outside_funcs },
				    {} };
KLP_PATCH(.name = "apart", .objs = objs);
