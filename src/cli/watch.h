/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch.h - the status of processes, drawn anew until interrupted or until they have ended. */
#ifndef LP_CLI_WATCH_H
#define LP_CLI_WATCH_H

#include "session.h"

/* patch: a name, or "" for all. Returns an exit status. */
int lp_watch_run(const struct lp_options *options, const char *patch);

#endif
