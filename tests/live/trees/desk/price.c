// SPDX-License-Identifier: LGPL-2.1-or-later
#include "price.h"

#include <stdlib.h>

static int set;

/* At the start. */
void set_discount(void)
{
	set = 3;
}

int discount(void)
{
	return set;
}

int price(int count)
{
	if (count < 0)
		return -1;
	return count * 10;
}
