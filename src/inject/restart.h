/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restart.h - which system calls a thread may be taken out of, and how they are put back.
 *
 * A call that ptrace interrupts returns one of the kernel's restart codes, and the kernel
 * restarts it when no signal handler runs - or -EINTR, in a few calls. For those the value is
 * changed to -ERESTARTNOHAND: restarted, but a real signal with a handler still gives EINTR.
 */
#ifndef LP_INJECT_RESTART_H
#define LP_INJECT_RESTART_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/user.h>

/* A blocking call that can be interrupted and restarted without the program seeing it. */
bool lp_restart_safe(long number, const uint64_t args[6]);

/* Whether it waits for a limited time only (a restart may then make it longer). */
bool lp_restart_timed(long number, const uint64_t args[6]);

/* At the stop: replaces -EINTR by the restart code where that is right. */
void lp_restart_fix(struct user_regs_struct *regs);

/* Whether these registers are those of an interrupted call that is to be restarted. */
bool lp_restart_wanted(const struct user_regs_struct *regs);

/*
 * Number of the call to make again where the kernel's own way of restarting is not open: a call
 * that was restarted before is restart_syscall by now, and what it was stands in the code before
 * it (`mov $number, %eax; syscall`; the 7 bytes up to rip). Otherwise regs->orig_rax.
 */
long lp_restart_number(const struct user_regs_struct *regs, const uint8_t before[7]);

#endif
