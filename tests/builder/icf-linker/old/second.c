// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long second(long n);

long second(long n)
{
	return (n * 17 + 3) / (n | 1) + (n ^ 5) * 2;
}
