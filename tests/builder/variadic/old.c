// SPDX-License-Identifier: LGPL-2.1-or-later
/* A changed function with a variable number of arguments. */
#include <stdarg.h>

#include "frame.h"

static NOINLINE double sum(long count, ...)
{
	va_list arguments;
	double total = 0;

	va_start(arguments, count);
	for (long i = 0; i < count; i++) {
		total += va_arg(arguments, int);
		total += va_arg(arguments, double);
	}
	va_end(arguments);
	return total;
}

void answer(const char *word, long n)
{
	say("%g", sum(n, 1, 0.5, 2, 0.25, 3, 0.125, 4, 0.5, 5, 0.5, 6, 0.5));
}
