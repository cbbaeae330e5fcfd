// SPDX-License-Identifier: LGPL-2.1-or-later
/* A new string at the front renumbers all others of the file; only one function changes. */
#include "frame.h"

NOINLINE const char *first(long n)
{
	return n ? "first" : "none";
}

NOINLINE const char *second(long n)
{
	return n ? "second" : "nil";
}

NOINLINE const char *third(long n)
{
	return n ? "third" : "naught";
}

void answer(const char *word, long n)
{
	if (is(word, "first"))
		say("%s", first(n));
	else if (is(word, "second"))
		say("%s", second(n));
	else
		say("%s", third(n));
}
