// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long real(long n);
long other_name(long n) __attribute__((alias("real")));
long weak_name(long n) __attribute__((weak, alias("real")));

long real(long n)
{
	return n + 1;
}
