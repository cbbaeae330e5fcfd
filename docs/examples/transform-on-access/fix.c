// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Quotas of 64 bits. The account has no room for them: they are in a shadow variable, which is
 * made of `used` when the account is first touched - but not before every task runs this patch.
 * From then on, until it is gone, it counts, and `used` does not.
 */
#include <suture/livepatch.h>

#include "quota.h"

#define WIDE 1 /* of an account: int64_t, under the account's lock */

static int64_t *wide(const struct account *account)
{
	void *object = (void *)account;
	int64_t *used = klp_shadow_get(object, WIDE);

	if (used || !klp_transition_complete(KLP_THIS_PATCH))
		return used;
	used = klp_shadow_alloc(object, WIDE, sizeof(*used), GFP_KERNEL, NULL, NULL);
	if (used)
		*used = account->used;
	return used; /* without memory: as the old code does it */
}

static void new_quota_add(struct account *account, int64_t units)
{
	int64_t *used = wide(account);

	if (used)
		*used += units;
	else
		account->used += (uint16_t)units;
}

static int64_t new_quota_used(const struct account *account)
{
	const int64_t *used = wide(account);

	return used ? *used : account->used;
}

/* Back to what the old code understands. */
static void narrow(struct account *account)
{
	const int64_t *used;

	pthread_mutex_lock(&account->lock);
	used = klp_shadow_get(account, WIDE);
	if (used) {
		account->used = *used > UINT16_MAX ? UINT16_MAX : (uint16_t)*used;
		klp_shadow_free(account, WIDE, NULL);
	}
	pthread_mutex_unlock(&account->lock);
}

/* No task runs old code yet; klp_transition_complete() is false, so none is made after its turn. */
static void pre_unpatch(struct klp_patch *patch, struct klp_state *state)
{
	(void)patch;
	(void)state;
	for (int i = 0; i < ACCOUNTS; i++)
		narrow(&accounts[i]);
}

static struct klp_state states[] = {
	{ .id = WIDE,
	  .version = 1,
	  .is_shadow = true,
	  .callbacks = { .pre_unpatch = pre_unpatch } },
	{},
};
static struct klp_func funcs[] = {
	{ .old_name = "quota_add", .new_func = new_quota_add },
	{ .old_name = "quota_used", .new_func = new_quota_used },
	{},
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
/* one request is answered by one version */
static const char *const holds[] = { "request", NULL };
KLP_PATCH(.objs = objs, .states = states, .holds = holds);
