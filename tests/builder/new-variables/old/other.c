// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

void other(void);

void other(void)
{
	say("other");
}
