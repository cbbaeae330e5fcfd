// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_force.c - suture force TARGET */
#include "change.h"
#include "interrupt.h"
#include "session.h"

static int force_one(struct lp_session *session, void *context)
{
	int status = lp_session_connect(session);

	(void)context;
	return status ? status : lp_change_turn(session, SUTURE_FORCE, "forced");
}

int lp_cmd_force(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.summary = "Completes the transition in progress at once, whatever the tasks are "
			   "doing. The code that they may still be in is never unmapped, and the "
			   "consistency of the change is lost.",
		.groups = LP_OPTIONS_TARGET | LP_OPTIONS_WAIT,
	};
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	lp_interrupt_catch();
	status = lp_session_each(&options, force_one, NULL);
	lp_options_deinit(&options);
	return status;
}
