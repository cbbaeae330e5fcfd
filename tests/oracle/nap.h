/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nap.h - the ways in which tasks of the victim sleep. None may be interrupted by anything but a signal
 * of the program's own: EINTR in a task that gets none is a violation.
 */
#ifndef LP_ORACLE_NAP_H
#define LP_ORACLE_NAP_H

#include <stdbool.h>

enum nap_kind { NAP_NANOSLEEP, NAP_EPOLL, NAP_FUTEX, NAP_READ, NAP_POLL, NAP_SEMOP, NAP_COUNT };

extern const char *const nap_names[NAP_COUNT];

/* Before any thread: what they all wait for. */
void nap_init(void);
/* Writes into the pipes that others read from, for ever. */
void nap_feed(void);
/* Of this task, for about so long. */
void nap(enum nap_kind kind, unsigned int us);
/* Until the process ends. */
void nap_for_ever(enum nap_kind kind);

#endif
