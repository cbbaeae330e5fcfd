// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * arguments.c - functions whose arguments and results are in every kind of place.
 *
 *	wide		6 integers, 8 doubles, 6 more of each on the stack
 *	sum		variadic: integers and doubles, more than there are registers
 *	results		a struct in memory, two registers, a long double, a double
 *	hold, release	a thread enters held() and leaves it
 *	inside COMMAND	it does this meanwhile
 */
#include "victim.h"

struct big {
	long values[8];
};

struct mixed {
	long number;
	double fraction;
};

static sem_t entered, order, done;
static void (*ordered)(const char *argument);
static pthread_t holder;
static volatile long one = 1;

ENTRY double wide(long a, double t, long b, double u, long c, double v, long d, double w, long e,
		  double x, long f, double y, double z, double s, long g, long h, double q,
		  double r, struct mixed m, int small, char tiny)
{
	return one * (a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + small + tiny) +
	       s / 2 + t / 4 + u / 8 + v / 16 + w / 32 + x / 64 + y / 128 + z / 256 + q / 512 +
	       r / 1024 + m.fraction / 2048 + m.number * 9;
}

ENTRY double sum(const char *kinds, ...)
{
	double total = one - 1;
	va_list arguments;

	va_start(arguments, kinds);
	for (; *kinds; kinds++)
		total += *kinds == 'd' ? va_arg(arguments, double) :
					 (double)va_arg(arguments, long);
	va_end(arguments);
	return total;
}

ENTRY struct big in_memory(long first)
{
	struct big big;

	for (int i = 0; i < 8; i++)
		big.values[i] = one * (first + i);
	return big;
}

ENTRY struct mixed in_two(long number, double fraction)
{
	return (struct mixed){ number * one, fraction };
}

ENTRY __int128 in_pair(long high, long low)
{
	return ((__int128)high << 64) + low * one;
}

ENTRY long double in_x87(long double value)
{
	return value * one;
}

ENTRY void held(void)
{
	sem_post(&entered);
	for (victim_wait(&order); ordered; victim_wait(&order)) {
		ordered("");
		sem_post(&done);
	}
}

static void do_wide(const char *argument)
{
	(void)argument;
	say("%.10f", wide(1, 11, 2, 12, 3, 13, 4, 14, 5, 15, 6, 16, 17, 18, 7, 8, 19, 20,
			  (struct mixed){ 9, 21 }, -20, 7));
}

static void do_sum(const char *argument)
{
	(void)argument;
	say("%.2f %.2f %.2f", sum("lllllll", 1L, 2L, 3L, 4L, 5L, 6L, 7L),
	    sum("dddddddddd", .25, .25, .25, .25, .25, .25, .25, .25, .25, .25),
	    sum("ldldldldldldldldldld", 1L, .5, 1L, .5, 1L, .5, 1L, .5, 1L, .5, 1L, .5, 1L, .5, 1L,
		.5, 1L, .5, 1L, .5));
}

static void do_results(const char *argument)
{
	struct big big = in_memory(10);
	struct mixed two = in_two(3, .5);
	__int128 pair = in_pair(5, 6);

	(void)argument;
	say("%ld %ld %ld %.1f %ld %ld %.2Lf", big.values[0], big.values[7], two.number,
	    two.fraction, (long)(pair >> 64), (long)pair, in_x87(.25L));
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
	ordered = NULL;
	sem_post(&order);
	pthread_join(holder, NULL);
	say("released");
}

static void do_inside(const char *argument)
{
	ordered = !strcmp(argument, "wide") ? do_wide :
		  !strcmp(argument, "sum")  ? do_sum :
					      do_results;
	sem_post(&order);
	victim_wait(&done);
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "inside", do_inside },
		{ "wide", do_wide },
		{ "sum", do_sum },
		{ "results", do_results },
		{ "hold", do_hold },
		{ "release", do_release },
		{},
	};

	return victim_run(commands);
}
