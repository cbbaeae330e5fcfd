// SPDX-License-Identifier: LGPL-2.1-or-later
/* answer() of compute.c; twice() is one transaction. -DHELD: held() too. */
#include <stddef.h>
#include <suture/livepatch.h>

static int lp_answer(void)
{
	return 2;
}

static int lp_held(void)
{
	return 2;
}

static struct klp_func funcs[] = { { .old_name = "answer", .new_func = lp_answer },
				   { .old_name = "held", .new_func = lp_held },
				   {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
static const char *const holds[] = { "twice", NULL };
KLP_PATCH(.name = "compute", .objs = objs, .holds = holds);
