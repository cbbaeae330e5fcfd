/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * assist.h - help for the agent with tasks that compute and block its signal: the client stops one
 * for the moment that the agent looks at it.
 */
#ifndef LP_CLI_ASSIST_H
#define LP_CLI_ASSIST_H

#include <sys/types.h>
#include <jansson.h>

/* For every blocker that waits for this. What does not succeed is tried again by the next call. */
void lp_assist_blockers(pid_t pid, const json_t *blockers);

#endif
