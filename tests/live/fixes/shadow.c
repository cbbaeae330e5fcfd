// SPDX-License-Identifier: LGPL-2.1-or-later
/* How often each request was touched, in a shadow variable of it. DTOR: freed with the state. */
#include <suture/livepatch.h>

#define TOUCHES 1

struct request {
	int number;
};

extern volatile int value;
extern void free(void *memory);

static int new_touch(struct request *request)
{
	int *touches = klp_shadow_get_or_alloc(request, TOUCHES, sizeof(*touches), GFP_KERNEL, 0,
					       0);

	return touches ? ++*touches : -1;
}

static void new_drop(struct request *request)
{
	klp_shadow_free(request, TOUCHES, 0);
	free(request);
}

static void forget(void *request, void *touches)
{
	(void)request;
	value += *(int *)touches;
}

static struct klp_state states[] = {
	{ .id = TOUCHES, .version = 1, .is_shadow = true, .callbacks = { .shadow_dtor = forget } },
	{},
};
static struct klp_func funcs[] = {
	{ .old_name = "touch", .new_func = new_touch },
	{ .old_name = "drop", .new_func = new_drop },
	{},
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.name = "shadow", .objs = objs, .states = states);
