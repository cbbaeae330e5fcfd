// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

extern volatile long count;
KLP_EXTERN(count, NULL, "count", 1);
long own_count(void);
long first_count(void);

long first_count(void)
{
	return count + own_count() * 0;
}
