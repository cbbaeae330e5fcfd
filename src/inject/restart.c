/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "restart.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* include/linux/errno.h of the kernel; never seen by programs */
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ERESTART_RESTARTBLOCK 516

#ifndef __NR_epoll_pwait2
#define __NR_epoll_pwait2 441
#endif

enum timed { NEVER, ALWAYS, NOT_NULL, NOT_MINUS_1 };

/*
 * Not here: write, send*, connect and recv* with MSG_WAITALL (what they did so far would be seen as
 * a short count, or be done twice), vfork and clone (a child runs on their memory).
 * interrupted: the call may answer -EINTR where no handler ran.
 */
static const struct call {
	short number;
	unsigned char timed; /* enum timed */
	unsigned char timeout; /* which argument */
	unsigned char interrupted;
	signed char flags; /* the argument that must not have MSG_WAITALL, -1: none */
} calls[] = {
	{ __NR_read, NEVER, 0, 1, -1 },
	{ __NR_readv, NEVER, 0, 1, -1 },
	{ __NR_poll, NOT_MINUS_1, 2, 0, -1 },
	{ __NR_ppoll, NOT_NULL, 2, 0, -1 },
	{ __NR_select, NOT_NULL, 4, 0, -1 },
	{ __NR_pselect6, NOT_NULL, 4, 0, -1 },
	{ __NR_epoll_wait, NOT_MINUS_1, 3, 1, -1 },
	{ __NR_epoll_pwait, NOT_MINUS_1, 3, 1, -1 },
	{ __NR_epoll_pwait2, NOT_NULL, 3, 1, -1 },
	{ __NR_recvfrom, NEVER, 0, 1, 3 },
	{ __NR_recvmsg, NEVER, 0, 1, 2 },
	{ __NR_accept, NEVER, 0, 1, -1 },
	{ __NR_accept4, NEVER, 0, 1, -1 },
	{ __NR_nanosleep, ALWAYS, 0, 0, -1 },
	{ __NR_clock_nanosleep, ALWAYS, 0, 0, -1 },
	{ __NR_futex, NOT_NULL, 3, 0, -1 },
	{ __NR_restart_syscall, ALWAYS, 0, 0, -1 },
	{ __NR_rt_sigtimedwait, NOT_NULL, 2, 1, -1 },
	{ __NR_rt_sigsuspend, NEVER, 0, 0, -1 },
	{ __NR_pause, NEVER, 0, 0, -1 },
	{ __NR_semop, NEVER, 0, 1, -1 },
	{ __NR_semtimedop, NOT_NULL, 3, 1, -1 },
	{ __NR_msgrcv, NEVER, 0, 1, -1 },
	{ __NR_mq_timedreceive, NOT_NULL, 4, 0, -1 },
	{ __NR_wait4, NEVER, 0, 0, -1 },
	{ __NR_waitid, NEVER, 0, 0, -1 },
	{ __NR_flock, NEVER, 0, 0, -1 },
	{ __NR_io_getevents, NOT_NULL, 4, 1, -1 },
};

static const struct call *find(long number)
{
	for (unsigned int i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

static bool is_futex_wait(uint64_t operation)
{
	switch (operation & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
		return true;
	default:
		return false;
	}
}

bool lp_restart_safe(long number, const uint64_t args[6])
{
	const struct call *call = find(number);

	if (!call)
		return false;
	if (number == __NR_futex)
		return is_futex_wait(args[1]);
	return call->flags < 0 || !(args[call->flags] & MSG_WAITALL);
}

bool lp_restart_timed(long number, const uint64_t args[6])
{
	const struct call *call = find(number);

	if (!call)
		return false;
	switch (call->timed) {
	case ALWAYS:
		return true;
	case NOT_NULL:
		return args[call->timeout] != 0;
	case NOT_MINUS_1:
		return (int32_t)args[call->timeout] >= 0;
	default:
		return false;
	}
}

void lp_restart_fix(struct user_regs_struct *regs)
{
	const struct call *call = find((long)regs->orig_rax);

	if (call && call->interrupted && (int64_t)regs->rax == -EINTR)
		regs->rax = (uint64_t)-ERESTARTNOHAND;
}

bool lp_restart_wanted(const struct user_regs_struct *regs)
{
	if ((int64_t)regs->orig_rax < 0)
		return false;
	switch (-(int64_t)regs->rax) {
	case ERESTARTSYS:
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
	case ERESTART_RESTARTBLOCK:
		return true;
	default:
		return false;
	}
}

long lp_restart_number(const struct user_regs_struct *regs, const uint8_t before[7])
{
	int32_t number;

	if (regs->orig_rax != __NR_restart_syscall || before[0] != 0xb8)
		return (long)regs->orig_rax;
	memcpy(&number, before + 1, sizeof(number));
	return number;
}
