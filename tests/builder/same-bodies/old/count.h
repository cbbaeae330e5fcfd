/* SPDX-License-Identifier: LGPL-2.1-or-later */
static NOINLINE long count(long n)
{
	static long total;

	total += n;
	return total;
}
