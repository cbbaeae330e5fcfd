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
};
struct square : shape {
	long area(long n) override
	{
		return side * n * 2;
	}
};
} // namespace
static shape *object;
NOINLINE long call(long n)
{
	return object->area(n);
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
