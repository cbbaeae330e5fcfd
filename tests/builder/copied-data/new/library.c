// SPDX-License-Identifier: LGPL-2.1-or-later
extern long exported;
long change(long n);

long exported = 1000;

long change(long n)
{
	return exported * 10 + n;
}
