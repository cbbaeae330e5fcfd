// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * registers.c - callers that keep live values in caller-saved registers across a call, because the
 * compiler has seen that the function does not touch them (-fipa-ra).
 *
 *	integers	a value that depends on rcx, rdx, rsi, r8, r9 after the call
 *	vectors		one that depends on xmm0 to xmm7
 *	work, rest	a thread asks for both all the time; how often the answer was wrong
 *	hold, release	a thread enters held() and leaves it
 */
#include "victim.h"

static sem_t entered, leave;
static pthread_t holder, worker;
static volatile bool working;
static long asked, wrong;
static volatile int one = 1;
static volatile double half = .5;

/* No noipa here: the callers shall know. */
#define LEAF static __attribute__((noinline, noclone))

LEAF long leaf(long value)
{
	return value * 3 + one;
}

LEAF void flat_leaf(void)
{
	one = 1;
}

ENTRY long integers(long a, long b, long c, long d, long e, long f)
{
	long first = leaf(a);

	return first + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f;
}

ENTRY double vectors(double a, double b, double c, double d, double e, double f, double g, double h)
{
	flat_leaf();
	return a + 2 * b + 4 * c + 8 * d + 16 * e + 32 * f + 64 * g + 128 * h + half;
}

ENTRY void held(void)
{
	sem_post(&entered);
	victim_wait(&leave);
}

static void do_integers(const char *argument)
{
	(void)argument;
	say("%ld", integers(1, 2, 3, 4, 5, 6));
}

static void do_vectors(const char *argument)
{
	(void)argument;
	say("%.1f", vectors(1, 2, 3, 4, 5, 6, 7, 8));
}

static void *work(void *unused)
{
	while (working) {
		long integer = integers(1, 2, 3, 4, 5, 6);
		double vector = vectors(1, 2, 3, 4, 5, 6, 7, 8);

		if ((integer != 654324 && integer != 654325) || vector != 1793.5)
			victim_count(&wrong);
		victim_count(&asked);
	}
	return unused;
}

static void do_work(const char *argument)
{
	(void)argument;
	working = true;
	worker = victim_thread(work, NULL);
	victim_await(&asked, 1000);
	say("working");
}

static void do_rest(const char *argument)
{
	(void)argument;
	working = false;
	pthread_join(worker, NULL);
	say("%ld", wrong);
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

int main(void)
{
	static const struct victim_command commands[] = {
		{ "integers", do_integers },
		{ "vectors", do_vectors },
		{ "hold", do_hold },
		{ "release", do_release },
		{ "work", do_work },
		{ "rest", do_rest },
		{},
	};

	return victim_run(commands);
}
