// SPDX-License-Identifier: LGPL-2.1-or-later
/* What arguments.c has, twice as large each; -DNO_SUM: without the variadic function. */
#include <stdarg.h>
#include <stddef.h>
#include <suture/livepatch.h>

struct big {
	long values[8];
};

struct mixed {
	long number;
	double fraction;
};

static double lp_wide(long a, double t, long b, double u, long c, double v, long d, double w,
		      long e, double x, long f, double y, double z, double s, long g, long h,
		      double q, double r, struct mixed m, int small, char tiny)
{
	return 2 * (a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + small + tiny +
		    s / 2 + t / 4 + u / 8 + v / 16 + w / 32 + x / 64 + y / 128 + z / 256 + q / 512 +
		    r / 1024 + m.fraction / 2048 + m.number * 9);
}

__attribute__((used)) static double lp_sum(const char *kinds, ...)
{
	double total = 0;
	va_list arguments;

	va_start(arguments, kinds);
	for (; *kinds; kinds++)
		total += *kinds == 'd' ? va_arg(arguments, double) :
					 (double)va_arg(arguments, long);
	va_end(arguments);
	return 2 * total;
}

static struct big lp_in_memory(long first)
{
	struct big big;

	for (int i = 0; i < 8; i++)
		big.values[i] = 2 * (first + i);
	return big;
}

static struct mixed lp_in_two(long number, double fraction)
{
	return (struct mixed){ 2 * number, 2 * fraction };
}

static __int128 lp_in_pair(long high, long low)
{
	return 2 * (((__int128)high << 64) + low);
}

static long double lp_in_x87(long double value)
{
	return 2 * value;
}

static void lp_held(void)
{
}

static struct klp_func funcs[] = { { .old_name = "wide", .new_func = lp_wide },
#ifndef NO_SUM
				   { .old_name = "sum", .new_func = lp_sum },
#endif
				   { .old_name = "in_memory", .new_func = lp_in_memory },
				   { .old_name = "in_two", .new_func = lp_in_two },
				   { .old_name = "in_pair", .new_func = lp_in_pair },
				   { .old_name = "in_x87", .new_func = lp_in_x87 },
				   { .old_name = "held", .new_func = lp_held },
				   {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.name = "arguments", .objs = objs);
