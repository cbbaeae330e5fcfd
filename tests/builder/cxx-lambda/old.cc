// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: a lambda in the changed function, standard containers. */
#include <algorithm>
#include <vector>

#include "frame.h"

static NOINLINE long change(long n)
{
	std::vector<long> all = { 3, 1, n, 4 };

	std::sort(all.begin(), all.end(), [](long a, long b) { return a < b; });
	return all[0] * 1000 + all[1] * 100 + all[2] * 10 + all[3];
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
