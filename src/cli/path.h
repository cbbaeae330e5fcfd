/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* path.h - where the parts are that belong to this command. */
#ifndef LP_CLI_PATH_H
#define LP_CLI_PATH_H

#include "inject/inject.h"

#define LP_PATH_SIZE 4096

/*
 * suture-agent.so: $SUTURE_AGENT, else next to the executable (a build tree), else where it is
 * installed, seen from the executable or by its full name. 0 or -ENOENT with *error.
 */
int lp_path_agent(char path[LP_PATH_SIZE], struct lp_inject_error *error);

/* suture-recorder.so, beside the agent; NULL: it is not there. */
const char *lp_path_recorder(char path[LP_PATH_SIZE]);

/* The folder that holds suture/livepatch.h, or NULL: left to the compiler. */
const char *lp_path_include(char path[LP_PATH_SIZE]);

#endif
