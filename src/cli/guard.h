/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guard.h - work that leaves nothing behind, however it ends: it is done by a child, and the parent
 * removes a directory and ends what still runs, also after SIGINT, SIGTERM and SIGHUP.
 */
#ifndef LP_CLI_GUARD_H
#define LP_CLI_GUARD_H

/* A new directory for what is made, below $TMPDIR or /tmp. malloc'ed; NULL: errno says why. */
char *lp_guard_directory(void);

/*
 * Runs `work` in a child; its result is the exit status that is returned. Does not return after
 * a signal: this process ends as by that. directory: is removed in any case; NULL: none.
 */
int lp_guard_run(int (*work)(void *context), void *context, const char *directory);

#endif
