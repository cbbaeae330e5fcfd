// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Planted bug: the generation of a slot is not looked at again after its fields. It must be found.
 */
#define LP_BUG_SHADOW_RECHECK
#include "shadow_bug.h"
