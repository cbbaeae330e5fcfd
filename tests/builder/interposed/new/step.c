// SPDX-License-Identifier: LGPL-2.1-or-later
long step(long n);

long step(long n)
{
	return n + 2;
}
