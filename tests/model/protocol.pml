/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protocol.pml - the protocol by which tasks switch: docs/design/protocol.md.
 * Options of a configuration, faults to plant, and what should be able to happen; run by run.sh.
 */
#ifndef TASKS
#define TASKS 1
#endif
#ifndef DEEP
#define DEEP 2 /* levels of the first task */
#endif
#ifndef WIDE
#define WIDE 1 /* levels of the other task */
#endif
#ifndef SITES
#define SITES 1
#endif
#ifndef REVERSES
#define REVERSES 1
#endif
#ifndef TRANSITIONS
#define TRANSITIONS 1
#endif
#ifndef LIVES
#define LIVES 0 /* of the last task's memory: how often somebody is born there */
#endif

#define NO_MARK 1
#define NO_BUMP 2
#define STUB_NOT_BUSY 3
#define NO_STACK 4
#define NO_SECOND_READ 5
#define NO_OWN_SCAN 6
#define LATE_TAKE 7
#define NO_CONFIRM_BUMP 8
#define NO_HOLDING 9
#define NO_CLOSING 10
#define NO_REREAD 11
#define BUMP_CLEARS 12
#define MARK_ERA_UNCHECKED 13
#define PLAIN_STORES 14
#define PLAIN_MARK 15
#define STALE_STUB_NOT_BUSY 16
#define STALE_STUB_KNOWS 17
#define MARK_ORDER_IGNORED 18
#define VIEW_FIRST 19
#define ONE_MARK 20
#define BUMP_REPEATS 21
#define NO_COUNT 22
#ifndef PLANTED
#define PLANTED 0
#endif
#define FAULT(what) (PLANTED == what)
#define HAS_STORE_BUFFER (PLANTED == PLAIN_STORES || PLANTED == PLAIN_MARK)
#define COUNTED (PLANTED != NO_COUNT && PLANTED != BUMP_REPEATS)

#define PATCHED_ALL 1
#define REVERSED_ALL 2
#define SWITCHED_BY_CHECKER 3
#define SWITCHED_BY_HANDLER 4
#define SWITCHED_BY_ITSELF 5
#define KEPT_IN_REVERSE 6
#define MARK_TAKEN 7
#define APPROVAL_VOID 8
#define CONFIRMED_BY_BUMP 9
#define CONFIRM_FAILED 10
#define DECISION_FAILED 11
#define STALE_STUB_USED 12
#define BORN_WHILE_CLOSING 13
#define WOKE_DURING_LOOK 14
#define THERE_AND_BACK 15
#ifdef REACH
#define REACHED(what) assert(!(REACH == what))
#else
#define REACHED(what) skip
#endif

#include "word.pml"
#include "task.pml"
#include "checker.pml"

init
{
	atomic {
		goal = 0;
		alive[0] = true;
		entered[0] = NONE;
#if TASKS == 1
		last_entered = NONE;
#endif
		run task(0);
#if TASKS > 1
		entered[1] = NONE;
#ifndef BORN
		alive[1] = true;
#endif
		run task(1);
#endif
		run checker()
	}
}
