// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

extern volatile int new_exits;

static int new_version(void)
{
	return 2;
}

static int new_held(void)
{
	return 2;
}

static void *new_run_thread(void *unused)
{
	(void)unused;
	return (void *)2;
}

static void new_leave_thread(void *unused)
{
	(void)unused;
	new_exits++;
}

static struct klp_func funcs[] = {
	{ .old_name = "version", .new_func = new_version },
	{ .old_name = "held", .new_func = new_held },
	{ .old_name = "run_thread", .new_func = new_run_thread },
	{ .old_name = "leave_thread", .new_func = new_leave_thread },
	{},
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.name = "life", .objs = objs);
