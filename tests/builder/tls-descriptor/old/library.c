// SPDX-License-Identifier: LGPL-2.1-or-later
extern __thread long calls;
long count(long n);

__thread long calls = 7;
static __thread long sum;

__attribute__((noinline)) long count(long n)
{
	calls++;
	sum += n;
	return calls + sum;
}
