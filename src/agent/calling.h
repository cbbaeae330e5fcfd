/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calling.h - tells clients which callback the agent's thread is in: it answers nobody meanwhile, so
 * they read it from memory (struct suture_agent). Agent's thread only.
 */
#ifndef LP_AGENT_CALLING_H
#define LP_AGENT_CALLING_H

#include "../core/core.h"

void lp_calling_begin(const struct lp_patch *patch, const struct lp_callback_call *call);
void lp_calling_end(void);

#endif
