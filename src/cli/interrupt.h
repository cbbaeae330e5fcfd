/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * interrupt.h - Ctrl-C, SIGTERM and SIGHUP, counted: the commands come to a clean end by themselves.
 */
#ifndef LP_CLI_INTERRUPT_H
#define LP_CLI_INTERRUPT_H

/* From here on they no longer end the command. */
void lp_interrupt_catch(void);
/* How often one of them came since. */
unsigned int lp_interrupt_count(void);

#endif
