/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * functions.h - the functions that are patched: in the victim as version 0, and once in each patch. They
 * differ in nothing but the version that they tell enter() and leave().
 *
 *	VERSION		of these
 *	REPLACES(n)	whether this file has function n
 *
 * Inside they call each other by the victim's names, so each call goes through the redirected entry.
 */
#include "check.h"

#ifndef VERSION
#define VERSION 0
#define REPLACES(n) 1
#define NAME(name) name
#define VICTIM_ONLY(attributes) attributes
#define LOCAL_IN_VICTIM static
#else
#define NAME(name) lp_##name
#define VICTIM_ONLY(attributes)
#define LOCAL_IN_VICTIM extern
#endif

#define TAGGED(...) __attribute__((noinline, noclone)) VICTIM_ONLY(__attribute__((__VA_ARGS__)))
#define EARLY_LEAVES 8

typedef unsigned long number;

/* by the victim: tasks of some kinds sleep here, most go on at once */
void pause_here(number seed);
/* by the victim: what a thread does that starts in f7 */
void *thread_body(void *argument);
extern number (*volatile f5_pointer)(number depth, number seed);

number f0(number depth, number seed);
number f1(number depth, number seed);
LOCAL_IN_VICTIM number f2(number depth, number seed);
LOCAL_IN_VICTIM number f3(number depth, number seed);
number f4(number seed);
number f5(number depth, number seed);
number f6(number seed);
void *f7(void *argument);

static inline number mix(number seed)
{
	seed ^= seed >> 27;
	return seed * 0x9e3779b97f4a7c15ul;
}

/* the first caller of most: sleeps sometimes */
#if REPLACES(0)
TAGGED(unused)
number NAME(f0)(number depth, number seed)
{
	number sum = seed;

	enter(0, VERSION);
	sum += f1(depth, mix(seed));
	pause_here(sum);
	sum ^= f2(depth, mix(sum));
	sum += f5_pointer(depth, sum);
	leave(0, VERSION);
	return sum;
}
#endif

/* many calls of short ones in a row; its entry may be one long instruction */
#if REPLACES(1)
TAGGED(unused)
number NAME(f1)(number depth, number seed)
{
	volatile number kept[40];

	enter(1, VERSION);
	kept[depth % 40] = seed;
	for (number i = 0; i < EARLY_LEAVES; i++)
		kept[depth % 40] += f4(seed + i);
	seed = kept[depth % 40] + f6(seed);
	leave(1, VERSION);
	return seed;
}
#endif

/* private to the program */
#if REPLACES(2)
TAGGED(unused)
LOCAL_IN_VICTIM number NAME(f2)(number depth, number seed)
{
	enter(2, VERSION);
	seed += f3(depth, mix(seed));
	seed ^= f4(seed);
	leave(2, VERSION);
	return seed;
}
#endif

/* recursive, with room on the stack */
#if REPLACES(3)
TAGGED(unused)
LOCAL_IN_VICTIM number NAME(f3)(number depth, number seed)
{
	volatile number room[12];

	enter(3, VERSION);
	room[seed % 12] = seed;
	if (depth)
		room[seed % 12] += f3(depth - 1, mix(seed));
	else
		pause_here(seed);
	leave(3, VERSION);
	return room[seed % 12];
}
#endif

/* a leaf, made with room for a jump by the compiler */
#if REPLACES(4)
TAGGED(patchable_function_entry(5))
number NAME(f4)(number seed)
{
	enter(4, VERSION);
	leave(4, VERSION);
	return seed + 1;
}
#endif

/* called through a pointer, and with a frame pointer */
#if REPLACES(5)
TAGGED(optimize("no-omit-frame-pointer"))
number NAME(f5)(number depth, number seed)
{
	enter(5, VERSION);
	seed += f6(seed + depth);
	pause_here(seed);
	leave(5, VERSION);
	return seed;
}
#endif

/* called by signal handlers and in children of vfork, too; aligned so that one store does not do */
#if REPLACES(6)
TAGGED(unused)
number NAME(f6)(number seed)
{
	enter(6, VERSION);
	seed += f4(mix(seed));
	leave(6, VERSION);
	return seed;
}
#endif

/*
 * The first function of a thread. SEVERAL: several instructions are under the jump, so that the entry is
 * closed for a while, with all who come waiting there; few transitions fit into a minute then.
 */
#ifdef SEVERAL
#define ROOM unused
#else
#define ROOM patchable_function_entry(5)
#endif
#if REPLACES(7)
TAGGED(ROOM)
void *NAME(f7)(void *argument)
{
	enter(7, VERSION);
	argument = thread_body(argument);
	leave(7, VERSION);
	return argument;
}
#endif
