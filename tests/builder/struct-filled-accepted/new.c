// SPDX-License-Identifier: LGPL-2.1-or-later
/* A structure in a variable gets a member where there was padding, which the author knows to be zero. */
#include "frame.h"

struct item {
	long count;
	char flag;
	int strict;
	long limit;
};

static struct item item = { .limit = 1000 };

void answer(const char *word, long n)
{
	(void)word;
	item.flag = n > 1;
	item.strict = n == 2;
	item.count += n;
	say("%ld", item.count > item.limit || item.strict ? -1 : item.count);
}
