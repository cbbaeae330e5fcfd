// SPDX-License-Identifier: LGPL-2.1-or-later
/* Version 1 of every function of the victim, of the same scope as the other fixes. */
#define VERSION 1
#define REPLACES(n) 1
#include "functions.h"
#include "replaced_all.h"
#include "state.h"

KLP_PATCH(.name = "fix1", .objs = objs, .states = states);
