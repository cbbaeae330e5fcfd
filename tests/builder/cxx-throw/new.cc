// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * C++: a changed function throws, and its caller catches; one catches what another throws;
 * destructors run on the way.
 */
#include <stdexcept>

#include "frame.h"

static long gone;

struct guard {
	~guard()
	{
		gone++;
	}
};

static NOINLINE long thrower(long n)
{
	guard local;

	if (n < 0)
		throw std::runtime_error("below zero");
	return n + 100;
}

static NOINLINE long unchanged(long n)
{
	guard local;

	return thrower(n) * 2;
}

static NOINLINE long catcher(long n)
{
	try {
		return unchanged(n);
	} catch (const std::exception &error) {
		return (long)strlen(error.what()) + 1000;
	}
}

void answer(const char *word, long n)
{
	try {
		long result = is(word, "throw") ? unchanged(n) : catcher(n);

		say("%ld %ld", result, gone);
	} catch (const std::runtime_error &error) {
		say("%s %ld", error.what(), gone);
	}
}
