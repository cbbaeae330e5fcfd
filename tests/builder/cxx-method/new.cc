// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: methods, virtual ones, a static one, an operator; objects made before go on living. */
#include "frame.h"

class counter {
      public:
	virtual ~counter() = default;
	virtual long count(long n)
	{
		calls += n;
		return calls + 1000;
	}
	long operator+(long n) const
	{
		return calls + n * 100;
	}
	static long version()
	{
		return 2;
	}

      protected:
	long calls = 0;
};

class by_tens : public counter {
      public:
	long count(long n) override
	{
		return counter::count(n * 10) + 5000;
	}
};

static counter *one, *tens;

void answer(const char *word, long n)
{
	if (!one) {
		one = new counter;
		tens = new by_tens;
	}
	if (is(word, "one"))
		say("%ld", one->count(n));
	else if (is(word, "tens"))
		say("%ld", tens->count(n));
	else
		say("%ld %ld", *one + n, counter::version());
}
