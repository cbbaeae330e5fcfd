// SPDX-License-Identifier: LGPL-2.1-or-later
long compute_v1(long n);
long compute_v2(long n);

__asm__(".symver compute_v1,compute@V1");
__asm__(".symver compute_v2,compute@@V2");

long compute_v1(long n)
{
	return n + 1;
}

long compute_v2(long n)
{
	return n + 2;
}
