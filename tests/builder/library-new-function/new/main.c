// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The program's changed function calls a function that the diff adds to the library's file;
 * both are in the patch.
 */
#include "frame.h"

long step(long n);
long stride(long n);

void answer(const char *word, long n)
{
	say("%ld", step(n) + stride(n));
}
