/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check.h - the invariants of a task, checked at each entry of a tagged function.
 *
 * Every function begins with enter() and ends with leave(). From (function, version) follows the set of
 * patches that may be in where that happens; the check keeps such sets, since a function that only
 * some patches change says nothing about the others.
 */
#ifndef LP_ORACLE_CHECK_H
#define LP_ORACLE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"

#define FRAMES_MAX 1024

/* One chain of calls: the task's own, or that of a signal handler on top of it. */
struct context {
	uint8_t possible; /* patches that may be in, by all entries since the last change */
	bool forked; /* the agent did not come along: one more change at most, the board says nothing */
	unsigned int changes; /* since the fork */
	uint32_t base; /* at least the base-th change of target has reached this task */
	unsigned int depth;
	uint8_t frames[FRAMES_MAX]; /* patches that may be in, by the frames up to this one */
};

struct self {
	const char *kind;
	bool has_signals; /* of its own: EINTR may be theirs */
	bool naps_inside; /* in the midst of tagged functions */
	bool lingers; /* in the signal handler */
	bool stained; /* keeps what looks like a frame: below the fs base, where tasks look for frames */
	const void *volatile stain;
	int nap; /* enum nap_kind */
	volatile bool entering; /* the context is being changed */
	struct context *volatile now;
	struct context own, handler;
	uint64_t entries, switches, signals, naps, seed;
	struct self *next;
	int pipe, epoll;
	bool nested; /* a vfork child, say: nothing that forks again */
};

extern struct board *board;
extern __thread struct self self;

void check_init(struct context *context);
/* What a signal handler starts from: the interrupted context, as far as it is certain. */
void check_interrupt(struct context *handler, const struct context *interrupted, bool entering);

void enter(unsigned int function, unsigned int version);
void leave(unsigned int function, unsigned int version);

/* Prints, counts the violation on the board, and ends the process with VICTIM_VIOLATION. */
__attribute__((noreturn, format(printf, 1, 2))) void violation(const char *format, ...);

/* Callbacks of patches (state.h). */
extern int state_level;
void state_is_broken(const char *callback, int level);

#endif
