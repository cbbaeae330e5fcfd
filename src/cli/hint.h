/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hint.h - what the operator can do about a refusal. */
#ifndef LP_CLI_HINT_H
#define LP_CLI_HINT_H

#include <sys/types.h>

/* By the word of src/core/reason.h, about a process. NULL: nothing useful to say. */
const char *lp_hint_text(const char *reason);

/*
 * The same about this process (0: none, but a file), which may tell more: malloc'ed, NULL: nothing useful, or no
 * memory. function: the one that the refusal is about; "": none.
 */
char *lp_hint_about(pid_t pid, const char *reason, const char *function);

#endif
