// SPDX-License-Identifier: LGPL-2.1-or-later
#ifdef LIBRARY
#define STEP library_step
#else
#define STEP step
#endif

long STEP(long n);
long stride(long n);
static long calls;

long stride(long n)
{
	return n + calls;
}

long STEP(long n)
{
	calls++;
	return stride(n) + 1000;
}
