// SPDX-License-Identifier: LGPL-2.1-or-later
/* The other translation unit of symbols.c. */
int there(void);

static volatile int base = 2;

__attribute__((noipa)) static int secret(void)
{
	return base;
}

int there(void)
{
	return secret();
}
