// SPDX-License-Identifier: LGPL-2.1-or-later
long step(long n);
long change(long n);

long change(long n)
{
	return step(n) * 20;
}
