/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command.h - the commands, one file each. Every one takes the arguments behind `suture`, with
 * argv[0] being the full name ("suture apply"), prints, and returns an exit status.
 */
#ifndef LP_CLI_COMMAND_H
#define LP_CLI_COMMAND_H

/* What scripts rely on; the same numbers travel in struct suture_message. */
enum lp_exit {
	LP_EXIT_DONE = 0,
	LP_EXIT_REFUSED = 1,
	LP_EXIT_USAGE = 2,
	LP_EXIT_FAILED = 3,
	LP_EXIT_INCOMPLETE = 4, /* the transition did not complete in time, or was turned around */
};

int lp_cmd_build(int argc, char **argv);
int lp_cmd_pack(int argc, char **argv);
int lp_cmd_info(int argc, char **argv);
int lp_cmd_check(int argc, char **argv);
int lp_cmd_apply(int argc, char **argv);
int lp_cmd_disable(int argc, char **argv);
int lp_cmd_undo(int argc, char **argv);
int lp_cmd_reverse(int argc, char **argv);
int lp_cmd_force(int argc, char **argv);
int lp_cmd_set(int argc, char **argv);
int lp_cmd_status(int argc, char **argv);
int lp_cmd_list(int argc, char **argv);
int lp_cmd_log(int argc, char **argv);
int lp_cmd_attach(int argc, char **argv);
int lp_cmd_detach(int argc, char **argv);

#endif
