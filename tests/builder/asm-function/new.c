// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function in assembler at the top of a C file; another function of the file changes. */
#include "frame.h"

long twice(long n);

__asm__(".pushsection .text\n"
	".globl twice\n"
	".type twice, @function\n"
	"twice: leaq (%rdi,%rdi), %rax\n"
	"ret\n"
	".size twice, . - twice\n"
	".popsection");

NOINLINE long change(long n)
{
	return twice(n + 1) + 100;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
