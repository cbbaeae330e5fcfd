/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * holder.h - a thread that stays in held(), a function of the program that calls holder_stay().
 *
 *	hold, release	a thread enters held(); it leaves
 */
#ifndef LIVE_HOLDER_H
#define LIVE_HOLDER_H

#include "victim.h"

ENTRY int held(void);

static sem_t entered, leave;
static pthread_t holder;

/* Until it is told to leave. Inline: the caller's own frame is what stays. */
__attribute__((always_inline)) static inline void holder_stay(void)
{
	sem_post(&entered);
	victim_wait(&leave);
}

static void *hold(void *unused)
{
	held();
	return unused;
}

static void do_hold(const char *argument)
{
	(void)argument;
	holder = victim_thread(hold, NULL);
	victim_wait(&entered);
	say("holding");
}

static void do_release(const char *argument)
{
	(void)argument;
	sem_post(&leave);
	pthread_join(holder, NULL);
	say("released");
}

#endif
