/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* file.h - the agent as a file that needs no path. Used by src/inject only. */
#ifndef LP_INJECT_FILE_H
#define LP_INJECT_FILE_H

#include "inject.h"

/*
 * A sealed memfd named "suture-agent" with the contents of the file at path: a descriptor that the
 * caller closes, or a negative errno with *error.
 */
int lp_agent_file(const char *path, struct lp_inject_error *error);

#endif
