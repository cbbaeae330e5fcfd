/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * slow.h - what tasks of the program run of the agent: the slow path of a transition stub and the
 * handler of the agent's signal. General registers only, raw system calls, no locks, no memory, at
 * most 512 bytes of stack; reentrant: may be interrupted by itself anywhere.
 */
#ifndef LP_AGENT_SLOW_H
#define LP_AGENT_SLOW_H

#include "range.h"
#include "word.h"

enum lp_view_phase {
	LP_VIEW_SWITCHING, /* a task that comes by moves to the target if it can */
	LP_VIEW_HOLDING, /* not all sites ask yet: a task that comes by stays what it is */
	/* every task that was there has been seen at the target: one that was not asked yet was
	 * born since, has no frame of what is left, and goes to the target whatever its stack */
	LP_VIEW_CLOSING,
};

/* Published by the agent's thread; a task that still reads an old one is in a stub or in agent text,
 * and views are freed only when no task is there. */
struct lp_view {
	/* the transition; era 0: none */
	uint32_t era, chain;
	enum lp_view_phase phase;
	/* busy when leaving current (going to patched) / when leaving next; both hold the stubs */
	struct lp_ranges leaving_current, leaving_next;
	/* the quiescence; generation 0: none */
	uint32_t generation;
	struct lp_ranges watched;
};

extern const struct lp_view *lp_view; /* atomic; never NULL */

/* the C library's text, readable; 0: not known */
extern uint64_t lp_libc_text_lo, lp_libc_text_hi;

/* this thread's (for the offset from the fs base, and the agent's own state) */
struct lp_word *lp_word_of_this_thread(void);

/* entered by `call` from a transition stub; keeps every register */
extern const char lp_slow_entry[];

/* the agent's signal: SA_SIGINFO, all signals masked */
void lp_slow_signal(int signal, void *info, void *context);
/* its restorer */
extern const char lp_slow_restorer[];

#define LP_SLOW_SCAN_MAX 65536 /* bytes of its own stack that a task scans; deeper: it stays */

#endif
