// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A storage server with quotas. Its rule: what quota_used() says is the sum of what was added.
 *
 *	add A N		account A stores N units more; what it uses now
 *	used A		what it uses
 *
 * The load works on all accounts but 0, and stays below 65536.
 */
#include "../program.h"
#include "quota.h"

struct account accounts[ACCOUNTS] = {
	[0 ... ACCOUNTS - 1] = { .lock = PTHREAD_MUTEX_INITIALIZER },
};

/* The callers of both hold the account's lock. */
ENTRY void quota_add(struct account *account, int64_t units)
{
	account->used += (uint16_t)units;
}

ENTRY int64_t quota_used(const struct account *account)
{
	return account->used;
}

static void add(struct account *account, int64_t units)
{
	quota_add(account, units);
	account->logged += units;
	if (quota_used(account) != account->logged)
		violation();
}

static void work(struct client *client)
{
	struct account *account = &accounts[1 + pick(client, ACCOUNTS - 1)];
	int64_t units = 1 + pick(client, 2000);

	pthread_mutex_lock(&account->lock);
	if (account->logged + units > 60000)
		units = -account->logged;
	add(account, units);
	pthread_mutex_unlock(&account->lock);
}

static void handle(char *line)
{
	unsigned int number;
	long units = 0, used;
	struct account *account;

	if (sscanf(line, "add %u %ld", &number, &units) != 2 &&
	    sscanf(line, "used %u", &number) != 1) {
		say("unknown");
		return;
	}
	account = &accounts[number % ACCOUNTS];
	pthread_mutex_lock(&account->lock);
	if (units)
		add(account, units);
	used = (long)quota_used(account);
	pthread_mutex_unlock(&account->lock);
	say("%ld", used);
}
