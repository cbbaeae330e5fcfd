/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sys.h - system calls, raw. The agent's window to the kernel, and the place where tests make the
 * n-th call fail (build option faults=true, environment-free: see lp_sys_fail_at).
 *
 * No errno, no cancellation, no libc: may be used in the slow path, in a signal handler and in a
 * vfork child. Returns what the kernel returns: >= 0, or a negative errno.
 */
#ifndef LP_AGENT_SYS_H
#define LP_AGENT_SYS_H

#include <stdint.h>
#include <sys/syscall.h>

static inline long lp_sys_raw(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#ifdef LP_FAULTS
/* Counts down with every call of lp_sys(); the one that reaches 0 fails with -ENOMEM or -EIO. */
extern long lp_sys_fail_at;
void lp_sys_faults_init(void);
long lp_sys_faulty(long number, long a, long b, long c, long d, long e, long f);
#define LP_SYS_CALL lp_sys_faulty
#else
#define LP_SYS_CALL lp_sys_raw
#endif

#define LP_SYS_PICK(_0, _1, _2, _3, _4, _5, _6, name, ...) name
#define LP_SYS_0(n) LP_SYS_CALL(n, 0, 0, 0, 0, 0, 0)
#define LP_SYS_1(n, a) LP_SYS_CALL(n, (long)(a), 0, 0, 0, 0, 0)
#define LP_SYS_2(n, a, b) LP_SYS_CALL(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define LP_SYS_3(n, a, b, c) LP_SYS_CALL(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define LP_SYS_4(n, a, b, c, d) LP_SYS_CALL(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define LP_SYS_5(n, a, b, c, d, e)                                                                 \
	LP_SYS_CALL(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define LP_SYS_6(n, a, b, c, d, e, f)                                                              \
	LP_SYS_CALL(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/*
 * The signal mask of the agent's thread. glibc's own two stay open: whoever calls setuid() waits
 * until every thread has answered.
 */
#define LP_SIGNALS_BLOCKED (~(3ull << 31))

/* lp_sys(__NR_read, fd, buffer, size) */
#define lp_sys(...)                                                                                \
	LP_SYS_PICK(__VA_ARGS__, LP_SYS_6, LP_SYS_5, LP_SYS_4, LP_SYS_3, LP_SYS_2, LP_SYS_1,       \
		    LP_SYS_0)                                                                      \
	(__VA_ARGS__)

#endif
