// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

extern volatile long count;
KLP_EXTERN(count, NULL, "count", 2);
long own_count(void);
long second_count(void);
long first_count(void);

long own_count(void)
{
	return count;
}

long second_count(void)
{
	return own_count() + first_count() * 0;
}
