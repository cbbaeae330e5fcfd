/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * board.h - what the driver tells the victim while it patches it: a file that both map.
 *
 *	targets[i]	which patch the i-th change of target leads to; 0: none. targets[0] is the start
 *	changes		the last i; published before the request is sent that may cause it
 *	settled		the last i of which the driver knows that every task is there
 *
 * All only grow, so nothing needs to be read twice. The victim reads `settled` first, then `changes`:
 * a task that is at a target beyond `settled` got there by a change that is counted in `changes`.
 */
#ifndef LP_ORACLE_BOARD_H
#define LP_ORACLE_BOARD_H

#include <stdint.h>

#define BOARD_CHANGES_MAX (1u << 22)

#define N_FUNCTIONS 8
#define N_PATCHES 4 /* fix1, fix2, fix3; 0: none */

enum victim_exit {
	VICTIM_DONE = 0,
	VICTIM_BROKEN = 2, /* its own doing: no memory, a system call that failed */
	VICTIM_VIOLATION = 3,
};

struct board {
	/* the driver's */
	uint32_t changes, settled;
	uint32_t stop; /* print and exit */
	/* the victim's */
	uint32_t violations, threads, children;
	int32_t semaphores; /* id + 1; 0: none */
	uint64_t entries, switches, signals, naps, interrupted;
	/* the driver's, too */
	uint8_t targets[BOARD_CHANGES_MAX];
};

/* fix3 has only these functions; with it in, the others are the originals */
#define FIX3_FUNCTIONS (1u << 1 | 1u << 4 | 1u << 6)

/* bit p: a call of this version of the function may happen where patch p is in */
static inline uint8_t board_patches_of(unsigned int function, unsigned int version)
{
	if (version)
		return (uint8_t)(1u << version);
	return FIX3_FUNCTIONS & 1u << function ? 1 : 1 | 1 << 3;
}

#endif
