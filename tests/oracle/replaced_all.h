/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* replaced_all.h - the description of a patch of all functions. */
#include <stddef.h>
#include <suture/livepatch.h>

static const struct klp_func funcs[] = {
	{ .old_name = "f0", .new_func = lp_f0 },
	{ .old_name = "f1", .new_func = lp_f1 },
	{ .old_name = "f2", .new_func = lp_f2 },
	{ .old_name = "f3", .new_func = lp_f3 },
	{ .old_name = "f4", .new_func = lp_f4 },
	{ .old_name = "f5", .new_func = lp_f5 },
	{ .old_name = "f6", .new_func = lp_f6 },
	{ .old_name = "f7", .new_func = lp_f7 },
	{ NULL },
};
static const struct klp_object objs[] = { { .funcs = funcs }, { NULL } };
