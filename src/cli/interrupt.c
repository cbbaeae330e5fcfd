// SPDX-License-Identifier: LGPL-2.1-or-later
/* interrupt.c - see interrupt.h. */
#include <signal.h>
#include <stddef.h>

#include "interrupt.h"

static volatile sig_atomic_t count;

static void count_interrupt(int number)
{
	(void)number;
	count++;
}

/*
 * What the caller has ignored for us stays ignored: SIGINT of a job in the background, SIGHUP below
 * nohup.
 */
static void catch_one(int number)
{
	struct sigaction action = { .sa_handler = count_interrupt }, before;

	sigemptyset(&action.sa_mask);
	if (!sigaction(number, NULL, &before) && before.sa_handler != SIG_IGN)
		sigaction(number, &action, NULL);
}

void lp_interrupt_catch(void)
{
	catch_one(SIGINT);
	catch_one(SIGTERM);
	catch_one(SIGHUP);
}

unsigned int lp_interrupt_count(void)
{
	return (unsigned int)count;
}
