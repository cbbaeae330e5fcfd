/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* task.h - what /proc tells of a process's tasks. Used by src/inject only. */
#ifndef LP_INJECT_TASK_H
#define LP_INJECT_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct lp_task_status {
	char state; /* 'R', 'S', 'D', 'T', 't', 'Z', 'X', 'I' */
	pid_t tgid;
	pid_t tracer;
	pid_t ns_tid; /* as its own pid namespace sees it */
	int seccomp; /* 0 none, 1 strict, 2 filter */
	bool shadow_stack; /* return addresses are guarded by the processor */
};

/* /proc/TID/status. 0, -ESRCH, or another negative errno. */
int lp_task_status(pid_t tid, struct lp_task_status *status);

/* Tasks of a process, heap array that the caller frees; the number, or -errno. */
int lp_task_list(pid_t pid, pid_t **tids);

/* A task of the process that has not exited (pid itself if possible); -ESRCH, -EACCES. */
pid_t lp_task_live(pid_t pid);

/* The task that its own namespace calls ns_tid; -ESRCH. */
pid_t lp_task_by_ns(pid_t pid, pid_t ns_tid);

#define LP_TASK_KTHREAD 0x00200000u /* PF_KTHREAD, include/linux/sched.h of the kernel */

/* A task's PF_* flags, or 0. */
unsigned int lp_task_flags(pid_t tid);

/* Head of its robust list, an address in glibc's struct pthread; 0: none, or not permitted. */
uint64_t lp_task_robust_head(pid_t tid);

/* Where a task sleeps, from /proc/PID/task/TID/syscall. */
struct lp_task_call {
	long number; /* system call, -1: none (a page fault, say) */
	uint64_t args[6];
	uint64_t sp, pc;
};

/* 0; -EAGAIN: it runs; or another negative errno. */
int lp_task_call(pid_t pid, pid_t tid, struct lp_task_call *call);

#endif
