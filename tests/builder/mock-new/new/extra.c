// SPDX-License-Identifier: LGPL-2.1-or-later
long extra(long n);

long extra(long n)
{
	return n * 1000;
}
