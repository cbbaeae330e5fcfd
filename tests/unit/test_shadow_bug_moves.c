// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Planted bug: a get that finds nothing does not look whether variables were moved. It must be
 * found.
 */
#define LP_BUG_SHADOW_MOVES
#include "shadow_bug.h"
