/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * relay.h - what a child process has to tell: it writes into a pipe, its parent calls back.
 */
#ifndef LP_UNITS_RELAY_H
#define LP_UNITS_RELAY_H

#include "units.h"

/* In the child: `fd` is the pipe. They cannot fail; without a parent there is no child. */
void lp_relay_report(int fd, enum lp_severity severity, const char *reason, const char *text);
void lp_relay_progress(int fd, const char *phase, unsigned int done, unsigned int total);
/* The last word: what lp_units_make() returns. */
void lp_relay_result(int fd, int result);

/* In the parent: calls back until the child's last word, which is returned; -EIO: it ended
 * without. */
int lp_relay_listen(int fd, const struct lp_units_options *options);

#endif
