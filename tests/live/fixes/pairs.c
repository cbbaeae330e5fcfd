// SPDX-License-Identifier: LGPL-2.1-or-later
/* Both functions of pairs.c; -DHOLDS: a request in progress ends with the version it began with. */
#include <stddef.h>
#include <suture/livepatch.h>

static int lp_front(void)
{
	return 2;
}

static int lp_back(void)
{
	return 2;
}

static struct klp_func funcs[] = { { .old_name = "front", .new_func = lp_front },
				   { .old_name = "back", .new_func = lp_back },
				   {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
#ifdef HOLDS
static const char *const holds[] = { "request", NULL };
KLP_PATCH(.name = "pairs", .objs = objs, .holds = holds);
#else
KLP_PATCH(.name = "pairs", .objs = objs);
#endif
