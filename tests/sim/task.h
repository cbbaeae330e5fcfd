/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * task.h - a simulated task: a stack of frames (function, version), and its patch state.
 *
 *	word_epoch == epoch of the transition	word_patched says which version it asks for
 *	any other				it was not asked yet: unpatched, and may decide
 *
 * marked: the checker has seen it running and cannot look; it looks at itself when it enters a
 * redirected function. nudged: it looks at itself with its next step.
 */
#ifndef SIM_TASK_H
#define SIM_TASK_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_TASKS 512
#define MAX_FRAMES 24

struct world;

struct frame {
	uint8_t function;
	bool signal; /* the handler of a signal */
	uint32_t version; /* serial of the patch whose code this is; 0: the original */
};

struct task {
	bool alive;
	bool asleep;
	bool marked;
	bool nudged;
	bool daemon; /* never returns from its first function */
	bool word_patched;
	uint8_t depth;
	uint64_t word_epoch;
	struct frame stack[MAX_FRAMES];
};

/* Steps of one task; each is nothing if it cannot be done. */
void task_call(struct world *world, unsigned int slot, unsigned int function, bool signal);
void task_return(struct world *world, unsigned int slot);
void task_sleep(struct world *world, unsigned int slot);
void task_exit(struct world *world, unsigned int slot);
/* A process or thread made by `slot`: with its stack and state; or with an empty stack. */
void task_fork(struct world *world, unsigned int slot);
void task_birth(struct world *world, unsigned int slot, bool daemon);

/* A random step of a random task, while the core is at work. */
void task_stir(struct world *world);

#endif
