// SPDX-License-Identifier: LGPL-2.1-or-later
#include "library.h"

long exported = 1000;

long add(long n)
{
	exported += n;
	return n * 2;
}
