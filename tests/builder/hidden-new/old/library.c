// SPDX-License-Identifier: LGPL-2.1-or-later
/* Begins to call a function that is hidden: a local symbol of the library, but not a static one. */
#include "frame.h"

long call(long n);
long helper(long n);

NOINLINE long call(long n)
{
	return n * 2;
}
