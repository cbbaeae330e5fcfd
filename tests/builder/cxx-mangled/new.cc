// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: overloaded functions, namespaces, one without a name. */
#include "frame.h"

namespace shop {
NOINLINE long price(long n)
{
	return n + 1;
}

NOINLINE long price(long n, int more)
{
	return n + more * 100;
}

namespace {
NOINLINE long length(const char *word)
{
	return (long)strlen(word) + 1000;
}
} // namespace
} // namespace shop

void answer(const char *word, long n)
{
	if (is(word, "one"))
		say("%ld", shop::price(n));
	else if (is(word, "two"))
		say("%ld", shop::price(n, 3));
	else
		say("%ld", shop::length(word));
}
