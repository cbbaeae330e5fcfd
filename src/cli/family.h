/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * family.h - the processes that one process has started, and those have, daemons included: it has to be
 * their subreaper, so that none of them gets lost.
 */
#ifndef LP_CLI_FAMILY_H
#define LP_CLI_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* From here on what this process starts stays with it. 0 or -errno. */
int lp_family_adopt(void);

/* All descendants of a process that are not zombies; malloc'ed. 0 or -errno. */
int lp_family_list(pid_t root, pid_t **pids, size_t *count);

/* Waits until this process has no child any more. False: the time is up. Their statuses are lost. */
bool lp_family_wait(unsigned int timeout_ms);

/* SIGTERM for all descendants of this process, and SIGKILL for those that are there grace_ms later. Waits
 * for their end; false: one cannot be ended. */
bool lp_family_end(unsigned int grace_ms);

#endif
