// SPDX-License-Identifier: LGPL-2.1-or-later
/* ledger.h - accounts, and reports about them. */
#ifndef LEDGER_H
#define LEDGER_H

#include <pthread.h>
#include <stdbool.h>

#define ACCOUNTS 8

struct reader; /* of a report; may take its time with each line */

extern pthread_mutex_t ledger_lock; /* balance[], and reports: one at a time */
extern long balance[ACCOUNTS];

void report_line(struct reader *reader, int account, long amount);

#endif
