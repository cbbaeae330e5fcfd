// SPDX-License-Identifier: LGPL-2.1-or-later
/* Some functions only: where it takes over from another fix, the rest go back to the originals. */
#include <stddef.h>
#define VERSION 3
#define REPLACES(n) (FIX3_FUNCTIONS & 1u << (n))
#include "functions.h"
#include <suture/livepatch.h>

static const struct klp_func funcs[] = {
	{ .old_name = "f1", .new_func = lp_f1 },
	{ .old_name = "f4", .new_func = lp_f4 },
	{ .old_name = "f6", .new_func = lp_f6 },
	{ NULL },
};
static const struct klp_object objs[] = { { .funcs = funcs }, { NULL } };

KLP_PATCH(.name = "fix3", .objs = objs);
