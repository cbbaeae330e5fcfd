// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Two functions of two files with the same body, which the linker makes one; one of them
 * changes.
 */
#include "frame.h"

long first(long n);

long first(long n)
{
	return (n * 17 + 3) / (n | 1) + (n ^ 5) * 2;
}
