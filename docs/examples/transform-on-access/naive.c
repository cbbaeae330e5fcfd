// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Wrong, twice: the wide quota is made while tasks still run the old code, which goes on with
 * `used`; and when the patch goes, what `used` has missed is lost.
 */
#include <suture/livepatch.h>

#include "quota.h"

#define WIDE 1

static int64_t *wide(const struct account *account)
{
	void *object = (void *)account;
	int64_t *used = klp_shadow_get(object, WIDE);

	if (used)
		return used;
	used = klp_shadow_alloc(object, WIDE, sizeof(*used), GFP_KERNEL, NULL, NULL);
	*used = account->used;
	return used;
}

static void new_quota_add(struct account *account, int64_t units)
{
	*wide(account) += units;
}

static int64_t new_quota_used(const struct account *account)
{
	return *wide(account);
}

static struct klp_state states[] = { { .id = WIDE, .version = 1, .is_shadow = true }, {} };
static struct klp_func funcs[] = {
	{ .old_name = "quota_add", .new_func = new_quota_add },
	{ .old_name = "quota_used", .new_func = new_quota_used },
	{},
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
static const char *const holds[] = { "request", NULL };
KLP_PATCH(.objs = objs, .states = states, .holds = holds);
