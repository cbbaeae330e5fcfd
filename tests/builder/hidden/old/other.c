// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

__attribute__((visibility("hidden"))) long helper(long n);

long helper(long n)
{
	return n + 1;
}
