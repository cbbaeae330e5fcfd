// SPDX-License-Identifier: LGPL-2.1-or-later
/* Structs by value, small and large ones, as arguments and as result. */
#include "frame.h"

struct small {
	int a, b;
};

struct mixed {
	double x;
	long y;
};

struct large {
	long member[9];
};

static NOINLINE struct small swap(struct small in)
{
	return (struct small){ in.b * 10, in.a };
}

static NOINLINE struct mixed mix(struct mixed in, struct small more)
{
	return (struct mixed){ in.x * more.a, in.y * more.b };
}

static NOINLINE struct large shift(struct large in, long by)
{
	struct large out;

	for (int i = 0; i < 9; i++)
		out.member[i] = in.member[(i + 2 * by) % 9];
	return out;
}

void answer(const char *word, long n)
{
	struct small small = swap((struct small){ (int)n, (int)n + 1 });
	struct mixed mixed = mix((struct mixed){ 1.5, n }, small);
	struct large large = shift((struct large){ { 0, 1, 2, 3, 4, 5, 6, 7, 8 } }, n);

	say("%d %d %g %ld %ld %ld", small.a, small.b, mixed.x, mixed.y, large.member[0],
	    large.member[8]);
}
