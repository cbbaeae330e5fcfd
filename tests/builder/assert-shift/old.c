// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines are added above thirty functions with assert(): only what changes is replaced. */
#include <assert.h>

#include "frame.h"

NOINLINE long first(long n)
{
	assert(n < 1000000);
	return n + 1;
}

NOINLINE int line(void)
{
	return __LINE__;
}

NOINLINE long part1(long n)
{
	assert(n != 1000);
	return n + 1;
}

NOINLINE long part2(long n)
{
	assert(n != 2000);
	return n + 2;
}

NOINLINE long part3(long n)
{
	assert(n != 3000);
	return n + 3;
}

NOINLINE long part4(long n)
{
	assert(n != 4000);
	return n + 4;
}

NOINLINE long part5(long n)
{
	assert(n != 5000);
	return n + 5;
}

NOINLINE long part6(long n)
{
	assert(n != 6000);
	return n + 6;
}

NOINLINE long part7(long n)
{
	assert(n != 7000);
	return n + 7;
}

NOINLINE long part8(long n)
{
	assert(n != 8000);
	return n + 8;
}

NOINLINE long part9(long n)
{
	assert(n != 9000);
	return n + 9;
}

NOINLINE long part10(long n)
{
	assert(n != 10000);
	return n + 10;
}

NOINLINE long part11(long n)
{
	assert(n != 11000);
	return n + 11;
}

NOINLINE long part12(long n)
{
	assert(n != 12000);
	return n + 12;
}

NOINLINE long part13(long n)
{
	assert(n != 13000);
	return n + 13;
}

NOINLINE long part14(long n)
{
	assert(n != 14000);
	return n + 14;
}

NOINLINE long part15(long n)
{
	assert(n != 15000);
	return n + 15;
}

NOINLINE long part16(long n)
{
	assert(n != 16000);
	return n + 16;
}

NOINLINE long part17(long n)
{
	assert(n != 17000);
	return n + 17;
}

NOINLINE long part18(long n)
{
	assert(n != 18000);
	return n + 18;
}

NOINLINE long part19(long n)
{
	assert(n != 19000);
	return n + 19;
}

NOINLINE long part20(long n)
{
	assert(n != 20000);
	return n + 20;
}

NOINLINE long part21(long n)
{
	assert(n != 21000);
	return n + 21;
}

NOINLINE long part22(long n)
{
	assert(n != 22000);
	return n + 22;
}

NOINLINE long part23(long n)
{
	assert(n != 23000);
	return n + 23;
}

NOINLINE long part24(long n)
{
	assert(n != 24000);
	return n + 24;
}

NOINLINE long part25(long n)
{
	assert(n != 25000);
	return n + 25;
}

NOINLINE long part26(long n)
{
	assert(n != 26000);
	return n + 26;
}

NOINLINE long part27(long n)
{
	assert(n != 27000);
	return n + 27;
}

NOINLINE long part28(long n)
{
	assert(n != 28000);
	return n + 28;
}

NOINLINE long part29(long n)
{
	assert(n != 29000);
	return n + 29;
}

NOINLINE long part30(long n)
{
	assert(n != 30000);
	return n + 30;
}

NOINLINE long last(long n)
{
	assert(n < 1000000);
	return n - 1;
}

void answer(const char *word, long n)
{
	if (is(word, "first"))
		say("%ld", first(n));
	else if (is(word, "line"))
		say("%d", line());
	else if (is(word, "last"))
		say("%ld", last(n));
	else
		say("%ld", part1(n) + part15(n) + part30(n));
}
