// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

#define LIMIT 7 /* of a struct item: long */

struct item;
extern long forgotten;

void item_set_limit(struct item *one, long limit)
{
	long *data = klp_shadow_alloc(one, LIMIT, sizeof(*data), GFP_KERNEL, NULL, NULL);

	if (data)
		*data = limit;
}

/* Items from before the patch have none. */
long item_limit(struct item *one)
{
	const long *data = klp_shadow_get(one, LIMIT);

	return data ? *data : 0;
}

static void forget(void *item, void *data)
{
	(void)item;
	forgotten += *(long *)data;
}

void item_forget(struct item *one)
{
	klp_shadow_free(one, LIMIT, forget);
}

static struct klp_state states[] = {
	{ .id = LIMIT, .version = 3, .is_shadow = true, .callbacks = { .shadow_dtor = forget } },
	{},
};
KLP_PATCH(.name = "limits", .states = states);
