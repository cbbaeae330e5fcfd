// SPDX-License-Identifier: LGPL-2.1-or-later
long step(long n);

static long calls;

long step(long n)
{
	calls++;
	return n + calls * 100;
}
