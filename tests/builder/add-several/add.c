// SPDX-License-Identifier: LGPL-2.1-or-later
long stride(long n);
long strides(long n);

long strides(long n)
{
	return stride(n) * 2;
}
