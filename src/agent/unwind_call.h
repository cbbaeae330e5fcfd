/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unwind_call.h - does a call instruction end here? Part of unwind.c only.
 */
#ifndef LP_AGENT_UNWIND_CALL_H
#define LP_AGENT_UNWIND_CALL_H

#include "unwind_bytes.h"

/* true: the bytes before addr can be read and end in a near call of any form. */
bool lp_unwind_call_before(struct lp_unwind_memory *memory, uint64_t addr);

#endif
