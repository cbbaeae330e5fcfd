// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "step.h"

extern inline long step(long n);
