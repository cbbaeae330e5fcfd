/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* peek.h - how lp_peek() of object.h reads. Agent's thread only. */
#ifndef LP_AGENT_PEEK_H
#define LP_AGENT_PEEK_H

/* Looks again whether a system call filter is in force: one may have been installed since. */
void lp_peek_reset(void);

#endif
