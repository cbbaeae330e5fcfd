// SPDX-License-Identifier: LGPL-2.1-or-later
/* New variables: private and public, writable and constant, with and without a value. */
#include "frame.h"
#include "total.h"

static long calls;
static long base = 100;
static const int weight[] = { 3, 1, 4, 1, 5, 9 };
long total = 5000;
const char *const unit = "pieces";

static NOINLINE void change(long n)
{
	calls++;
	base += weight[n];
	add(n);
	say("%ld %ld %ld %s", calls, base, total, unit);
}

void answer(const char *word, long n)
{
	change(n);
}
