/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hint.h - what the operator can do about a refusal. */
#ifndef LP_CLI_HINT_H
#define LP_CLI_HINT_H

/* By the word of src/core/reason.h. NULL: nothing useful to say. */
const char *lp_hint_text(const char *reason);

#endif
