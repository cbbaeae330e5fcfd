// SPDX-License-Identifier: LGPL-2.1-or-later
long count(long n);

extern long calls;
long calls;

long count(long n)
{
	calls++;
	return calls + n;
}
