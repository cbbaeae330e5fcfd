// SPDX-License-Identifier: LGPL-2.1-or-later
/* -DFUNCTION=name: one function of entry.c, which then adds 1000. */
#include <stddef.h>
#include <suture/livepatch.h>

#define NAME_OF(name) #name
#define NAME(name) NAME_OF(name)

static int lp_function(int value)
{
	return value + 1000;
}

static struct klp_func funcs[] = { { .old_name = NAME(FUNCTION), .new_func = lp_function }, {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.name = "entry", .objs = objs);
