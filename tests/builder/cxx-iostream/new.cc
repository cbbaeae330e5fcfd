// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: iostream and its initialisation beside stdio. */
#include <iostream>
#include <sstream>

#include "frame.h"

static NOINLINE void change(long n)
{
	std::ostringstream text;

	text << "value: " << n << std::hex << " 0x" << n;
	std::cout << text.str() << std::endl;
}

void answer(const char *word, long n)
{
	change(n);
}
