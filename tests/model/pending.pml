/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pending.pml - when a task may switch: the word of each task, the stub, the slow path and the
 * checker, as docs/design/protocol.md describes them. run.sh verifies it with each configuration
 * and shows that each planted fault is found.
 *
 * One guarded atomic step is what one task can do without anybody seeing it half done: a load, a
 * store, a compare-and-swap, one jump. The model checks, over all interleavings of these steps:
 *   I1  between two switches all entries of a task are of one version; none while a frame of the
 *       other version is active
 *   I2  no more changes of version than targets there were
 *   I3  at a switch no frame of the version being left is active, nor a jump into it under way
 *   I4  after the transition is complete the version that was left is in no frame, is entered no
 *       more, and is chosen by no dispatch
 *
 * Configurations: TASKS, DEEP (levels of task 0), REVERSES, EPOCHS (transitions, one after the
 * other), NEWBORN (the last task is created midway), FORCE.
 */
#ifndef TASKS
#define TASKS 2
#endif
#ifndef DEEP
#define DEEP 2
#endif
#ifndef WIDE
#define WIDE 1 /* levels of the other tasks */
#endif
#ifndef REVERSES
#define REVERSES 2
#endif
#ifndef EPOCHS
#define EPOCHS 1
#endif

#include "word.pml"
#include "task.pml"
#include "checker.pml"

init
{
	atomic {
		goal = NONE;
		alive[0] = true;
		entered[0] = NONE;
#if TASKS > 1
		entered[1] = NONE;
#ifdef NEWBORN
		effective[1] = NONE; /* decides once, by itself or by the checker */
#else
		alive[1] = true;
#endif
#endif
		run task(0);
#if TASKS > 1
		run task(1);
#endif
#if REVERSES > 0
		run operator();
#endif
#ifdef NO_FENCE
		run store_buffer();
#endif
		run checker()
	}
}
