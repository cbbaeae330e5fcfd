// SPDX-License-Identifier: LGPL-2.1-or-later
/* Planted bug: a move counts in `moves` before its copy is complete. It must be found. */
#define LP_BUG_SHADOW_ORDER
#include "shadow_bug.h"
