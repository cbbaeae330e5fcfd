/* SPDX-License-Identifier: LGPL-2.1-or-later */
template <typename type> NOINLINE type largest(type a, type b)
{
	static long calls;

	calls++;
	return (a > b ? a : b) + (calls - calls);
}
