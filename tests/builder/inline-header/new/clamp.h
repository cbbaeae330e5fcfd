/* SPDX-License-Identifier: LGPL-2.1-or-later */
static inline long clamp(long n)
{
	return n < 20 ? n : 20;
}
