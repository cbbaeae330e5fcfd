// SPDX-License-Identifier: LGPL-2.1-or-later
long helper(long n);

long helper(long n)
{
	return n + 1;
}
