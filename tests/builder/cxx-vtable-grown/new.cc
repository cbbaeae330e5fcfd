// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: a virtual function is added to a class of which there are objects. */
#include "frame.h"

namespace {
struct shape {
	long side = 3;
	virtual long area(long n)
	{
		return side * n;
	}
	virtual long extra(long n)
	{
		return n;
	}
};
struct square : shape {
	long area(long n) override
	{
		return side * n * 2;
	}
	long extra(long n) override
	{
		return n * 1000;
	}
};
} // namespace
static shape *object;
NOINLINE long call(long n)
{
	return object->area(n) + object->extra(n);
}
void answer(const char *word, long n)
{
	if (!object) {
		static volatile int which;
		if (which)
			object = new shape;
		else
			object = new square;
	}
	say("%ld", call(n));
}
