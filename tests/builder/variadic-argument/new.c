// SPDX-License-Identifier: LGPL-2.1-or-later
/* A changed function calls one with a variable number of arguments. */
#include <stdarg.h>
#include <stdio.h>

#include "frame.h"

static NOINLINE const char *format(char *text, size_t size, const char *how, ...)
{
	va_list arguments;

	va_start(arguments, how);
	vsnprintf(text, size, how, arguments);
	va_end(arguments);
	return text;
}

static NOINLINE void change(long n)
{
	char text[128];

	say("%s", format(text, sizeof(text), "%ld %g %Lg %s", n, n * 0.25, n * 2.0L, "more"));
}

void answer(const char *word, long n)
{
	change(n);
}
