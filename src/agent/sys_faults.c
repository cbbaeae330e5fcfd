// SPDX-License-Identifier: LGPL-2.1-or-later
/* The n-th system call fails: test builds only (-DLP_FAULTS). */
#include <errno.h>
#include <stdbool.h>

#include "sys.h"

long lp_sys_fail_at;

/* What gives something back, or cannot fail, does not fail in the kernel either. */
static bool never_fails(long number)
{
	switch (number) {
	case __NR_close:
	case __NR_munmap:
	case __NR_getpid:
	case __NR_gettid:
	case __NR_exit:
	case __NR_exit_group:
	case __NR_rt_sigreturn:
		return true;
	default:
		return false;
	}
}

long lp_sys_faulty(long number, long a, long b, long c, long d, long e, long f)
{
	if (!never_fails(number) && __atomic_load_n(&lp_sys_fail_at, __ATOMIC_RELAXED) > 0 &&
	    __atomic_sub_fetch(&lp_sys_fail_at, 1, __ATOMIC_RELAXED) == 0)
		return number == __NR_mmap || number == __NR_memfd_create ? -ENOMEM : -EIO;
	return lp_sys_raw(number, a, b, c, d, e, f);
}
