/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* planted.h - bugs of the host that the oracle must find: -DSIM_BUG_<NAME>=1. See bugs.list. */
#ifndef SIM_PLANTED_H
#define SIM_PLANTED_H

#ifndef SIM_BUG_FORK_DECIDES_AGAIN /* a child forgets what it is, and keeps its stack */
#define SIM_BUG_FORK_DECIDES_AGAIN 0
#endif
#ifndef SIM_BUG_FORK_GETS_THE_NEW_STATE
#define SIM_BUG_FORK_GETS_THE_NEW_STATE 0
#endif
#ifndef SIM_BUG_LAST_FRAME_ONLY /* the checker looks at nothing but the last frame */
#define SIM_BUG_LAST_FRAME_ONLY 0
#endif
#ifndef SIM_BUG_LIST_WITHOUT_THE_YOUNG /* tasks born after the list was read are not in it */
#define SIM_BUG_LIST_WITHOUT_THE_YOUNG 0
#endif
#ifndef SIM_BUG_GAP_IN_REDIRECT /* an entry that asks before all do goes to the original */
#define SIM_BUG_GAP_IN_REDIRECT 0
#endif
#ifndef SIM_BUG_ONE_STUB_LEFT_BEHIND /* the stub of function 0 goes to the old version for ever */
#define SIM_BUG_ONE_STUB_LEFT_BEHIND 0
#endif
#ifndef SIM_BUG_DECIDES_WITH_EACH_CALL /* a task whose stack is clean turns back */
#define SIM_BUG_DECIDES_WITH_EACH_CALL 0
#endif

#endif
