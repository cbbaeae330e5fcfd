// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: a function catches another type: its code stays the same, its exception table does not. */
#include <stdexcept>

#include "frame.h"

static NOINLINE long work(long n)
{
	if (n > 100)
		throw std::runtime_error("big");
	if (n < 0)
		throw std::logic_error("negative");
	return n;
}

static NOINLINE long guarded(long n)
{
	try {
		return work(n);
	} catch (const std::runtime_error &) {
		return -1;
	}
}

NOINLINE long other(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	try {
		say("%ld", is(word, "call") ? guarded(n) : other(n));
	} catch (...) {
		say("not caught");
	}
}
