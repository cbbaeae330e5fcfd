// SPDX-License-Identifier: LGPL-2.1-or-later
/* The shared object of object.c. */
int outside_runs;
static volatile int base = 2;

__attribute__((noipa)) static int private_part(void)
{
	return base;
}

int outside(void)
{
	outside_runs++;
	return private_part();
}
