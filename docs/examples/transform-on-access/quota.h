// SPDX-License-Identifier: LGPL-2.1-or-later
/* quota.h - how much each account has stored. All of it is under the lock of the account. */
#ifndef QUOTA_H
#define QUOTA_H

#include <pthread.h>
#include <stdint.h>

#define ACCOUNTS 8

struct account {
	pthread_mutex_t lock;
	uint16_t used; /* the bug: 65536 is 0 again */
	int64_t logged; /* what the log says; the program checks itself by it */
};

extern struct account accounts[ACCOUNTS];

#endif
