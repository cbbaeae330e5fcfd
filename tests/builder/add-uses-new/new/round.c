// SPDX-License-Identifier: LGPL-2.1-or-later
long round_up(long n);

static long rounds;

long round_up(long n)
{
	rounds++;
	return (n + 9) / 10 * 10 + rounds;
}
