// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The accounts get a lock of their own, so that a report keeps ledger_lock for its lines only.
 * While anybody may run the old code, for which ledger_lock protects the accounts, both are
 * taken: ledger_lock first. VERSION: of the state; a newer build takes it over.
 */
#include <suture/livepatch.h>
#include <errno.h>
#include <stdlib.h>

#include "ledger.h"

#define LOCKING 1
#ifndef VERSION
#define VERSION 1
#endif

/* In memory of its own: a patch that takes the state over has the same lock. */
struct locking {
	pthread_mutex_t accounts;
	bool alone; /* `accounts` is enough; changes under it */
};

static struct locking *locking(void)
{
	return klp_get_state(KLP_THIS_PATCH, LOCKING)->data;
}

static void accounts_lock(struct locking *lk)
{
	for (;;) {
		bool alone = __atomic_load_n(&lk->alone, __ATOMIC_RELAXED);

		if (!alone)
			pthread_mutex_lock(&ledger_lock);
		pthread_mutex_lock(&lk->accounts);
		if (alone == lk->alone)
			return;
		pthread_mutex_unlock(&lk->accounts);
		if (!alone)
			pthread_mutex_unlock(&ledger_lock);
	}
}

static void accounts_unlock(struct locking *lk)
{
	bool alone = lk->alone;

	pthread_mutex_unlock(&lk->accounts);
	if (!alone)
		pthread_mutex_unlock(&ledger_lock);
}

static bool new_transfer(int from, int to, long amount)
{
	struct locking *lk = locking();

	accounts_lock(lk);
	balance[from] -= amount;
	balance[to] += amount;
	accounts_unlock(lk);
	return true;
}

static void new_report(struct reader *reader)
{
	struct locking *lk = locking();
	long copy[ACCOUNTS];

	pthread_mutex_lock(&ledger_lock); /* so both are taken, whatever the rule */
	pthread_mutex_lock(&lk->accounts);
	for (int i = 0; i < ACCOUNTS; i++)
		copy[i] = balance[i];
	pthread_mutex_unlock(&lk->accounts);
	for (int i = 0; i < ACCOUNTS; i++)
		report_line(reader, i, copy[i]);
	pthread_mutex_unlock(&ledger_lock);
}

static int pre_patch(struct klp_patch *patch, struct klp_state *state)
{
	struct locking *lk = calloc(1, sizeof(*lk));

	(void)patch;
	if (!lk)
		return -ENOMEM;
	pthread_mutex_init(&lk->accounts, NULL);
	state->data = lk;
	return 0;
}

static void set_alone(struct klp_state *state, bool alone)
{
	struct locking *lk = state->data;

	pthread_mutex_lock(&lk->accounts);
	__atomic_store_n(&lk->alone, alone, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&lk->accounts);
}

/* Nobody runs the old code any more. */
static void post_patch(struct klp_patch *patch, struct klp_state *state)
{
	(void)patch;
	set_alone(state, true);
}

/* Nobody runs the old code yet. Who had `accounts` alone has given it back when this returns. */
static void pre_unpatch(struct klp_patch *patch, struct klp_state *state)
{
	(void)patch;
	set_alone(state, false);
}

/* Nobody runs the new code any more. */
static void post_unpatch(struct klp_patch *patch, struct klp_state *state)
{
	struct locking *lk = state->data;

	(void)patch;
	pthread_mutex_destroy(&lk->accounts);
	free(lk);
}

static struct klp_state states[] = {
	{
		.id = LOCKING,
		.version = VERSION,
		.callbacks = { pre_patch, post_patch, pre_unpatch, post_unpatch },
	},
	{},
};
static struct klp_func funcs[] = {
	{ .old_name = "transfer", .new_func = new_transfer },
	{ .old_name = "report", .new_func = new_report },
	{},
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.objs = objs, .states = states);
