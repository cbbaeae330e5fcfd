// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Wrong: right in itself, but while some tasks run the old code, half of the bank believes in one
 * lock and half in the other.
 */
#include <suture/livepatch.h>

#include "ledger.h"

static pthread_mutex_t accounts_lock = PTHREAD_MUTEX_INITIALIZER;

static bool new_transfer(int from, int to, long amount)
{
	pthread_mutex_lock(&accounts_lock);
	balance[from] -= amount;
	balance[to] += amount;
	pthread_mutex_unlock(&accounts_lock);
	return true;
}

static void new_report(struct reader *reader)
{
	long copy[ACCOUNTS];

	pthread_mutex_lock(&ledger_lock);
	pthread_mutex_lock(&accounts_lock);
	for (int i = 0; i < ACCOUNTS; i++)
		copy[i] = balance[i];
	pthread_mutex_unlock(&accounts_lock);
	for (int i = 0; i < ACCOUNTS; i++)
		report_line(reader, i, copy[i]);
	pthread_mutex_unlock(&ledger_lock);
}

static struct klp_func funcs[] = {
	{ .old_name = "transfer", .new_func = new_transfer },
	{ .old_name = "report", .new_func = new_report },
	{},
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.objs = objs);
