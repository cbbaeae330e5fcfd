/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys.h"
#include "task.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

#ifdef LP_FAULTS
long lp_inject_die_at;

static void step(void)
{
	if (lp_inject_die_at && !--lp_inject_die_at)
		kill(getpid(), SIGKILL);
}
#else
static void step(void)
{
}
#endif

long lp_sys_ptrace(int request, pid_t tid, uint64_t addr, uint64_t data)
{
	long result;

	step();
	result = ptrace((enum __ptrace_request)request, tid, (void *)addr, (void *)data);
	return result < 0 ? -errno : result;
}

ssize_t lp_sys_read_some(pid_t tid, uint64_t addr, void *bytes, size_t size)
{
	struct iovec local = { .iov_base = bytes, .iov_len = size };
	struct iovec remote = { .iov_base = (void *)addr, .iov_len = size };
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	return n < 0 ? -errno : n;
}

int lp_sys_read(pid_t tid, uint64_t addr, void *bytes, size_t size)
{
	ssize_t n = lp_sys_read_some(tid, addr, bytes, size);

	if (n < 0)
		return (int)n;
	return (size_t)n == size ? 0 : -EFAULT;
}

int lp_sys_write(pid_t tid, uint64_t addr, const void *bytes, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	step();
	snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = pwrite(fd, bytes, size, (off_t)addr);
	close(fd);
	return n == (ssize_t)size ? 0 : -EFAULT;
}

uint64_t lp_sys_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int lp_sys_left_ms(uint64_t deadline_ns)
{
	uint64_t now = lp_sys_now_ns();

	return deadline_ns > now ? (int)((deadline_ns - now + 999999) / 1000000) : 0;
}

static int fetch(pid_t tid, unsigned int flags, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, tid, flags);
	int copy;

	if (pidfd < 0)
		return -errno;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (copy < 0)
		copy = -errno;
	close(pidfd);
	return copy;
}

int lp_sys_fetch_fd(pid_t pid, int fd)
{
	pid_t live = lp_task_live(pid);

	if (live < 0)
		return live;
	/* a main thread that has exited has no descriptors any more: ask another thread's */
	return fetch(live, live == pid ? 0 : PIDFD_THREAD, fd);
}
