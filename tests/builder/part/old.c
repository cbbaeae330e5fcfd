// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The compiler inlines the beginning of a function into its callers, the rest is
 * FUNCTION.part.0.
 */
#include "frame.h"

struct queue {
	long length, sum, items[8];
};

static struct queue queue;

NOINLINE long mix(long a, long b)
{
	return a * 3 ^ b;
}

static long drain(struct queue *from)
{
	long sum = 0;

	if (__builtin_expect(!from, 1))
		return 0;
	for (long i = 0; i < from->length; i++) {
		sum += mix(from->items[i], i);
		from->items[i] = mix(sum, 1);
		if (sum > 1000)
			sum = mix(sum, from->items[(i * 3) & 7] / 3);
		if (sum < -1000)
			sum = mix(sum, from->items[(i * 5) & 7] / 5);
	}
	from->length = 0;
	return sum;
}

NOINLINE long first(struct queue *from, long n)
{
	if (!from)
		return drain(from);
	from->length = n;
	for (long i = 0; i < n; i++)
		from->items[i] = i + 1;
	return drain(from);
}

NOINLINE long second(struct queue *from, long n)
{
	return drain(from) + n;
}

NOINLINE long third(struct queue *from, long n)
{
	return drain(from) * n;
}

void answer(const char *word, long n)
{
	struct queue *from = n ? &queue : NULL;

	if (is(word, "first"))
		say("%ld", first(from, n));
	else
		say("%ld", is(word, "second") ? second(from, n) : third(from, n));
}
