// SPDX-License-Identifier: LGPL-2.1-or-later
extern __thread long calls;
long count(long n);

__thread long calls = 7;

long count(long n)
{
	calls++;
	return calls + n;
}
