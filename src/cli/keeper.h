/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keeper.h - the process between us and a program that is tried: the subreaper of all that it starts.
 * Inside stage.c only.
 */
#ifndef LP_CLI_KEEPER_H
#define LP_CLI_KEEPER_H

#include "stage.h"

enum lp_keeper_event {
	LP_KEEPER_FAILED, /* value: errno; text: what */
	LP_KEEPER_STARTED, /* value: status of the start command, which has ended */
	LP_KEEPER_TESTED, /* value: status of the test */
	LP_KEEPER_CRASH, /* value: signal */
};

struct lp_keeper_message {
	int event, value;
	char text[256];
};

#define LP_KEEPER_GRACE_MS 5000 /* between SIGTERM and SIGKILL */

/* Starts the program; any byte from `fd` starts the test; its end ends all, and this process. */
_Noreturn void lp_keeper_run(const struct lp_stage *stage, int fd);

#endif
