// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: the new code catches a type that nothing here caught before. */
#include <new>
#include <stdexcept>

#include "frame.h"

static NOINLINE long thrower(long n)
{
	if (n < 0)
		throw std::out_of_range("negative");
	if (n > 100)
		throw std::bad_alloc();
	return n + 1;
}

static NOINLINE long catcher(long n)
{
	try {
		return thrower(n);
	} catch (const std::bad_alloc &error) {
		return 7;
	}
}

void answer(const char *word, long n)
{
	(void)word;
	try {
		say("%ld", catcher(n));
	} catch (const std::exception &error) {
		say("%s", error.what());
	}
}
