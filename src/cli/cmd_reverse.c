// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_reverse.c - suture reverse TARGET */
#include "change.h"
#include "interrupt.h"
#include "session.h"

static int reverse_one(struct lp_session *session, void *context)
{
	int status = lp_session_connect(session);

	(void)context;
	return status ? status : lp_change_turn(session, SUTURE_REVERSE, "reversed");
}

int lp_cmd_reverse(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.summary = "Turns the transition in progress around: every task goes back.",
		.groups = LP_OPTIONS_TARGET | LP_OPTIONS_WAIT,
	};
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	lp_interrupt_catch();
	status = lp_session_each(&options, reverse_one, NULL);
	lp_options_deinit(&options);
	return status;
}
