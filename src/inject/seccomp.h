/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp.h - whether a task's system call filters leave the agent room: a filter that kills would
 * kill the program, so it is asked before anything is tried. Used by src/inject only.
 */
#ifndef LP_INJECT_SECCOMP_H
#define LP_INJECT_SECCOMP_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "inject.h"

/*
 * What a filter answers to a call (SECCOMP_RET_*): the classic BPF that seccomp allows, see
 * Documentation/userspace-api/seccomp_filter.rst. SECCOMP_RET_KILL_PROCESS for a filter that is
 * no valid program.
 */
uint32_t lp_seccomp_run(const struct sock_filter *filter, size_t count,
			const struct seccomp_data *data);

/*
 * The task is stopped by us and has seccomp mode 2. 0, with *no_unshare: whether unshare(2) and
 * fchdir(2) must not be tried; or -EOPNOTSUPP with *error naming the system call, or saying
 * that the filter cannot be read.
 */
int lp_seccomp_check(pid_t tid, bool *no_unshare, struct lp_inject_error *error);

#endif
