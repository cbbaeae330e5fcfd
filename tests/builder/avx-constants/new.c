// SPDX-License-Identifier: LGPL-2.1-or-later
/* Constants of thirty-two bytes. */
#include "frame.h"

typedef int eight __attribute__((vector_size(32)));

static NOINLINE void change(int *to, const int *from)
{
	eight value;

	memcpy(&value, from, sizeof(value));
	value = value * (eight){ 8, 7, 6, 5, 4, 3, 2, 1 } + (eight){ 1, 1, 1, 1, 9, 9, 9, 9 };
	memcpy(to, &value, sizeof(value));
}

void answer(const char *word, long n)
{
	int from[8] = { (int)n, 1, 1, 1, 1, 1, 1, (int)n }, to[8];

	change(to, from);
	say("%d %d %d %d", to[0], to[1], to[6], to[7]);
}
