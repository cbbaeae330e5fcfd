// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long shared;
long other(void);

long other(void)
{
	return shared *= 10;
}
