// SPDX-License-Identifier: LGPL-2.1-or-later
#include "library.h"

long first(long n)
{
	return n + 1;
}

long second(long n);

long second(long n)
{
	return n + 1000;
}

step_t choose(long n)
{
	return n > 5 ? second : first;
}
