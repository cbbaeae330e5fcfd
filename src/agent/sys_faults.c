// SPDX-License-Identifier: LGPL-2.1-or-later
/* The n-th system call fails: test builds only (-DLP_FAULTS). */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

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

/* LP_FAIL_AT=n in the environment of the program; stderr says so when it comes to that. */
void lp_sys_faults_init(void)
{
	static const char name[] = "LP_FAIL_AT=";
	static char text[65536];
	long fd = lp_sys_raw(__NR_open, (long)"/proc/self/environ", O_RDONLY | O_CLOEXEC, 0, 0, 0,
			     0);
	long size = lp_sys_raw(__NR_read, fd, (long)text, sizeof(text) - 1, 0, 0, 0);
	const char *at = text;

	lp_sys_raw(__NR_close, fd, 0, 0, 0, 0, 0);
	while (size > 0 && at < text + size && strncmp(at, name, sizeof(name) - 1))
		at += strlen(at) + 1;
	if (size > 0 && at < text + size)
		for (at += sizeof(name) - 1; *at; at++)
			lp_sys_fail_at = lp_sys_fail_at * 10 + (*at - '0');
}

static void tell(long number)
{
	char text[] = "LP_FAIL_AT: system call    0\n";

	for (char *at = text + sizeof(text) - 3; number; number /= 10)
		*at-- = (char)('0' + number % 10);
	lp_sys_raw(__NR_write, 2, (long)text, sizeof(text) - 1, 0, 0, 0);
}

long lp_sys_faulty(long number, long a, long b, long c, long d, long e, long f)
{
	if (!never_fails(number) && __atomic_load_n(&lp_sys_fail_at, __ATOMIC_RELAXED) > 0 &&
	    __atomic_sub_fetch(&lp_sys_fail_at, 1, __ATOMIC_RELAXED) == 0) {
		tell(number);
		return number == __NR_mmap || number == __NR_memfd_create ? -ENOMEM : -EIO;
	}
	return lp_sys_raw(number, a, b, c, d, e, f);
}
