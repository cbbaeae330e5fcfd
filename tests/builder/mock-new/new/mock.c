// SPDX-License-Identifier: LGPL-2.1-or-later
/* Of the tests, and new. So is the program's own one: nothing tells them apart. */
long extra(long n);

long extra(long n)
{
	return -n;
}
