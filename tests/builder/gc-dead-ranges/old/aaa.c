// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Discarded, and so large that its range, which the linker lets begin at 0, covers the code of the
 * other files.
 */
long a_unused(long n);

long a_unused(long n)
{
	__asm__ volatile(".skip 0x8000, 0x90");
	return n;
}
