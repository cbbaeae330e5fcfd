// SPDX-License-Identifier: LGPL-2.1-or-later
/* Assembler with labels: numbered, unique, and of C. */
#include "frame.h"

static NOINLINE long count(long n)
{
	long result = 0;

	__asm__ volatile("1: addq $2, %0\n\t"
			 "decq %1\n\t"
			 "jnz 1b"
			 : "+r"(result), "+r"(n)
			 :
			 : "cc");
	return result;
}

static NOINLINE long change(long n)
{
	long result = n;

	__asm__ volatile("testq %0, %0\n\t"
			 "js .Lnegative%=\n\t"
			 "addq $100, %0\n"
			 ".Lnegative%=:"
			 : "+r"(result)
			 :
			 : "cc");
	__asm__ goto("cmpq $7, %0\n\t"
		     "je %l[seven]"
		     :
		     : "r"(n)
		     : "cc"
		     : seven);
	return result;
seven:
	return 777;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "count") ? count(n) : change(n));
}
