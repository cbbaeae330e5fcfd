// SPDX-License-Identifier: LGPL-2.1-or-later
long step(long n);
long stride(long n);

long step(long n)
{
	return n + 2;
}

long stride(long n)
{
	return n * 1000;
}
