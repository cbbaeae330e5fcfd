// SPDX-License-Identifier: LGPL-2.1-or-later
/* The library of apart.c. */
static volatile int secret = 2;

__attribute__((noipa)) static int add(int a, int b)
{
	return a + b;
}

int outside(void (*inner)(void));

int outside(void (*inner)(void))
{
	if (inner)
		inner();
	return add(secret, 0);
}
