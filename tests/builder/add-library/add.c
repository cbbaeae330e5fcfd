// SPDX-License-Identifier: LGPL-2.1-or-later
long discounts = 4;
long gross(long n);
long net(long n);
extern volatile long percent;

/* one of the library's new functions, one of the program's private variables */
long gross(long n)
{
	return net(n) * 100 + percent;
}
