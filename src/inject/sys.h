/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sys.h - what this folder does to another process goes through here: the place where tests let
 * the client die before its n-th step. Used by src/inject only.
 */
#ifndef LP_INJECT_SYS_H
#define LP_INJECT_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef LP_FAULTS
/* Counts down with every call of this file; SIGKILL to the caller itself when it reaches 0. */
extern long lp_inject_die_at;
#endif

/* ptrace(2) with addr and data as numbers. >= 0 or -errno. */
long lp_sys_ptrace(int request, pid_t tid, uint64_t addr, uint64_t data);

/* Memory of a process, by any live thread of it; all of it or -EFAULT, -ESRCH, -EPERM. */
int lp_sys_read(pid_t tid, uint64_t addr, void *bytes, size_t size);
/* as much as can be read from addr on: the number of bytes, or -errno */
ssize_t lp_sys_read_some(pid_t tid, uint64_t addr, void *bytes, size_t size);
/* also pages that are read-only for the process; private ones stay private. 0 or -errno */
int lp_sys_write(pid_t tid, uint64_t addr, const void *bytes, size_t size);

uint64_t lp_sys_now_ns(void); /* CLOCK_MONOTONIC */
/* milliseconds from now to the deadline, for poll(2); at least 0 */
int lp_sys_left_ms(uint64_t deadline_ns);

/* A copy of descriptor `fd` of the process, close-on-exec. Or -errno. */
int lp_sys_fetch_fd(pid_t pid, int fd);

#endif
