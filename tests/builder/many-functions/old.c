// SPDX-License-Identifier: LGPL-2.1-or-later
/* A hundred functions change at once. */
#include "frame.h"

#define STEP 1
#define ONE(number)                                                                                \
	static NOINLINE long part##number(long n)                                                  \
	{                                                                                          \
		return n % 1##number ? n + STEP : n - STEP;                                        \
	}
#define TEN(number)                                                                                \
	ONE(number##0)                                                                             \
	ONE(number##1)                                                                             \
	ONE(number##2)                                                                             \
	ONE(number##3)                                                                             \
	ONE(number##4)                                                                             \
	ONE(number##5)                                                                             \
	ONE(number##6)                                                                             \
	ONE(number##7)                                                                             \
	ONE(number##8)                                                                             \
	ONE(number##9)
#define HUNDRED(number)                                                                            \
	TEN(number##0)                                                                             \
	TEN(number##1)                                                                             \
	TEN(number##2)                                                                             \
	TEN(number##3)                                                                             \
	TEN(number##4)                                                                             \
	TEN(number##5)                                                                             \
	TEN(number##6)                                                                             \
	TEN(number##7)                                                                             \
	TEN(number##8)                                                                             \
	TEN(number##9)
#define NAME(number) part##number,
#define NAMES(number)                                                                              \
	NAME(number##0)                                                                            \
	NAME(number##1)                                                                            \
	NAME(number##2)                                                                            \
	NAME(number##3)                                                                            \
	NAME(number##4)                                                                            \
	NAME(number##5)                                                                            \
	NAME(number##6)                                                                            \
	NAME(number##7)                                                                            \
	NAME(number##8)                                                                            \
	NAME(number##9)
#define ALL(number)                                                                                \
	NAMES(number##0)                                                                           \
	NAMES(number##1)                                                                           \
	NAMES(number##2)                                                                           \
	NAMES(number##3)                                                                           \
	NAMES(number##4)                                                                           \
	NAMES(number##5)                                                                           \
	NAMES(number##6)                                                                           \
	NAMES(number##7)                                                                           \
	NAMES(number##8)                                                                           \
	NAMES(number##9)

HUNDRED(1)

static long (*all[])(long n) = { ALL(1) };

void answer(const char *word, long n)
{
	long sum = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		sum += all[i](n);
	say("%ld", sum);
}
