// SPDX-License-Identifier: LGPL-2.1-or-later
/* Assembler in the changed function, with references to a function and to data. */
#include "frame.h"

static long calls __attribute__((used));

static NOINLINE __attribute__((used)) long twice(long n)
{
	return n * 2;
}

static NOINLINE long change(long n)
{
	long result;

	__asm__ volatile("incq calls(%%rip)\n\t"
			 "movq calls(%%rip), %0"
			 : "=r"(result)
			 :
			 : "memory", "cc");
	__asm__ volatile("addq $1000, %0" : "+r"(result) : : "cc");
	return result + twice(n) * 10;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
