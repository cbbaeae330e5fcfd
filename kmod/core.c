// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The core of ../src/core as one object of a kernel module. All of its files, none of them changed;
 * nothing else may be here, for the symbols that this object leaves undefined are the core's.
 */
#include "../src/core/blocker.c"
#include "../src/core/callback.c"
#include "../src/core/core.c"
#include "../src/core/event.c"
#include "../src/core/hold.c"
#include "../src/core/object.c"
#include "../src/core/pass.c"
#include "../src/core/patch.c"
#include "../src/core/reason.c"
#include "../src/core/replace.c"
#include "../src/core/shadow.c"
#include "../src/core/site.c"
#include "../src/core/state.c"
#include "../src/core/transition.c"
#include "../src/core/undo.c"
