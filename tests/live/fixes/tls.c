// SPDX-License-Identifier: LGPL-2.1-or-later
/* Goes on with the thread-local variables of tls.c; -DFAR: with those of its library. */
#include <stddef.h>
#include <suture/livepatch.h>

extern __thread int ticks, total;

static int lp_tick(void)
{
	total += 1;
	return ticks += 10;
}

static struct klp_func funcs[] = { { .old_name = "tick", .new_func = lp_tick }, {} };

#ifdef FAR
extern __thread int far_ticks, far_total;

static int lp_far_tick(void)
{
	far_total += 1;
	return (far_ticks += 10) + far_total * 100000;
}

static struct klp_func far_funcs[] = { { .old_name = "far_tick", .new_func = lp_far_tick }, {} };
#endif

static struct klp_object objs[] = { { .funcs = funcs },
#ifdef FAR
				    { .name = "libfar.so", .funcs = far_funcs },
#endif
				    {} };
KLP_PATCH(.name = "tls", .objs = objs);
