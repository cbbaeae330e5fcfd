// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long hook(long n);

long hook(long n)
{
	return n + 2;
}
