/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * snapshot.h - a copy of a sleeping task's stack, so that looking at it may take longer than the task
 * sleeps: unwinding costs more than a nap of a busy server's thread. Agent's thread only.
 */
#ifndef LP_AGENT_SNAPSHOT_H
#define LP_AGENT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LP_SNAPSHOT_WORDS 32768

struct lp_snapshot {
	uint64_t sp; /* of the first word */
	size_t size; /* bytes copied; 0: the stack is too deep, it is read where it is */
	uint64_t words[LP_SNAPSHOT_WORDS];
};

/* Copies [sp, end). 0, or -EFAULT: there is a hole in it. */
int lp_snapshot_take(struct lp_snapshot *snapshot, uint64_t sp, uint64_t end);

/* Reads memory of this process as it was: the copy where there is one. 0 or -EFAULT. For struct
 * lp_unwind_space. */
int lp_snapshot_read(void *snapshot, uint64_t addr, void *bytes, size_t size);

#endif
