/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status.h - the agent's status text: what commands ask of it, and how people see it. */
#ifndef LP_CLI_STATUS_H
#define LP_CLI_STATUS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <jansson.h>

/* The patch of this name, or NULL. */
const json_t *lp_status_patch(const json_t *status, const char *name);
/* Whether it is there and enabled. */
bool lp_status_enabled(const json_t *status, const char *name);
/* The transition in progress, or NULL. */
const json_t *lp_status_transition(const json_t *status);

/* "tid 12 w: on-stack in f+0x12 for 3 ms, 4 tries", without a newline. */
void lp_status_print_blocker(FILE *stream, const json_t *blocker);
/* The whole of one process. */
void lp_status_print(pid_t pid, const char *comm, const json_t *status);

#endif
