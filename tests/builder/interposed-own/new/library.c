// SPDX-License-Identifier: LGPL-2.1-or-later
long step(long n);
long other(long n);
long change(long n);

__attribute__((noinline)) long step(long n)
{
	return n + 1;
}

__attribute__((noinline)) long other(long n)
{
	return n + 3;
}

long change(long n)
{
	return step(n) * 20 + other(n);
}
