/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stack.h - which memory is a task's own stack, from its stack pointer to the end.
 *
 * Also for the slow path: no calls, no memory, no system calls. Whether a task is on its own stack
 * is known exactly, so that it may read what is above its stack pointer without asking the kernel:
 * glibc notes in struct pthread, to which fs points, where the stack of a thread begins (stackblock, 0 for the
 * main thread) and how large it is, and struct pthread itself lies at the top of that block.
 */
#ifndef LP_AGENT_STACK_H
#define LP_AGENT_STACK_H

#include <stdbool.h>
#include <stdint.h>

#define LP_RESTORERS_MAX 4
#define LP_STACK_MAX (64ull << 20) /* a thread's stack is not deeper than that */

struct lp_stacks {
	int64_t block_offset; /* of stackblock, and of its size behind it, from the fs base */
	/* the main thread's: the end, and the lowest address to which it may ever grow */
	uint64_t main_lowest, main_end;
	/* what signal handlers return to: such a word begins a signal frame. 0: unused */
	uint64_t restorers[LP_RESTORERS_MAX];
};

extern struct lp_stacks lp_stacks; /* in slow.c; written by the agent's thread */

/* Finds block_offset by what the calling thread, made by pthread_create, has there. 0 or -ENOTSUP */
int lp_stacks_init(uint64_t fs_base);
/* Notes the restorers that are in force now. More than fit: tasks with handlers on their stack
 * look as ever, but signal stacks inside of their own stacks are not noticed. */
void lp_stacks_note_restorers(void);

/* fs_base's two words at block_offset -> where the stack that sp is on ends; 0: on another one */
static inline uint64_t lp_stack_end(uint64_t fs_base, const uint64_t *block, uint64_t sp)
{
	if (!block[0])
		return sp >= lp_stacks.main_lowest && sp < lp_stacks.main_end ? lp_stacks.main_end :
										0;
	return sp >= block[0] && sp < fs_base && fs_base - block[0] < block[1] ? fs_base : 0;
}

static inline bool lp_stack_is_restorer(uint64_t word)
{
	for (int i = 0; i < LP_RESTORERS_MAX; i++)
		if (word == __atomic_load_n(&lp_stacks.restorers[i], __ATOMIC_RELAXED))
			return word != 0;
	return false;
}

/* offset of the interrupted stack pointer in a signal frame, from the restorer's address: struct
 * ucontext's flags, link and stack (8 + 8 + 24), then 15 registers of struct sigcontext */
#define LP_SIGNAL_FRAME_SP (8 + 8 + 8 + 24 + 15 * 8)

/*
 * A signal stack may lie inside the stack of the task (an array in a function), above what was
 * interrupted: then not all frames lie above the stack pointer. `at` holds a restorer, `interrupted`
 * what is at LP_SIGNAL_FRAME_SP from there, `lowest` where the stack begins, or lower.
 */
static inline bool lp_stack_was_changed(uint64_t at, uint64_t interrupted, uint64_t lowest)
{
	return interrupted < at && interrupted >= lowest;
}

#endif
