// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

long change(long n);

__attribute__((noipa)) long change(long n)
{
	return n * 9;
}

int main(void)
{
	printf("%ld\n", change(3));
	return 0;
}
