/* SPDX-License-Identifier: LGPL-2.1-or-later */
static inline long limit(long n)
{
	return n > 100 ? 100 : n;
}

long one(long n);
long two(long n);
