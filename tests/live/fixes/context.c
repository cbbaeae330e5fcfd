// SPDX-License-Identifier: LGPL-2.1-or-later
/* The functions of context.c; a new recurse() counts its levels by hundreds and holds nobody. */
#include <stddef.h>
#include <suture/livepatch.h>

extern int recurse(int depth);

static int lp_answer(void)
{
	return 2;
}

static int lp_held(void)
{
	return 0;
}

static int lp_recurse(int depth)
{
	return depth ? recurse(depth - 1) + 100 : 100;
}

static struct klp_func funcs[] = { { .old_name = "answer", .new_func = lp_answer },
				   { .old_name = "held", .new_func = lp_held },
				   { .old_name = "recurse", .new_func = lp_recurse },
				   {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.name = "context", .objs = objs);
