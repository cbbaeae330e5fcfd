/* SPDX-License-Identifier: LGPL-2.1-or-later */
inline long step(long n)
{
	return n + 100;
}
