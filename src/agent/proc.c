/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "sys.h"

static int self_fd = -1; /* this process's directory; -1: /proc/self */
static uint64_t self_ino; /* its inode: the program may close it and reuse the number */

char *lp_put_text(char *p, const char *text)
{
	while (*text)
		*p++ = *text++;
	return p;
}

char *lp_put_number(char *p, uint64_t number)
{
	char digits[20];
	int n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n)
		*p++ = digits[--n];
	return p;
}

static uint64_t inode_of(int fd)
{
	struct stat stat;

	return lp_sys(__NR_fstat, fd, &stat) == 0 ? stat.st_ino : 0;
}

int lp_proc_open(int64_t tid, const char *name, int flags)
{
	char path[96], *p = path;

	if (strlen(name) > 32)
		return -ENAMETOOLONG;
	if (self_fd >= 0 && self_ino && inode_of(self_fd) != self_ino)
		return -EBADF;
	if (self_fd < 0)
		p = lp_put_text(p, "/proc/self/");
	if (tid) {
		p = lp_put_text(p, "task/");
		p = lp_put_number(p, (uint64_t)tid);
		p = lp_put_text(p, "/");
	}
	p = lp_put_text(p, name);
	*p = 0;
	return (int)lp_sys(__NR_openat, self_fd < 0 ? AT_FDCWD : self_fd, path, flags | O_CLOEXEC);
}

long lp_proc_read(int64_t tid, const char *name, char *text, size_t size)
{
	int fd = lp_proc_open(tid, name, O_RDONLY);
	size_t done = 0;
	long n;

	if (fd < 0)
		return fd;
	do {
		n = lp_sys(__NR_read, fd, text + done, size - 1 - done);
		if (n > 0)
			done += (size_t)n;
	} while (n > 0 && done < size - 1);
	lp_sys_raw(__NR_close, fd, 0, 0, 0, 0, 0);
	if (n < 0)
		return n;
	text[done] = 0;
	return (long)done;
}

uint64_t lp_parse_number(const char **text, int base)
{
	const char *p = *text;
	uint64_t value = 0;

	while (*p == ' ' || *p == '\t')
		p++;
	if (base == 16 && p[0] == '0' && p[1] == 'x')
		p += 2;
	for (;; p++) {
		int digit = *p >= '0' && *p <= '9'		 ? *p - '0' :
			    base == 16 && *p >= 'a' && *p <= 'f' ? *p - 'a' + 10 :
								   -1;

		if (digit < 0)
			break;
		value = value * (uint64_t)base + (uint64_t)digit;
	}
	*text = p;
	return value;
}

/* The text after "(comm) ": comm may hold anything, so from the last parenthesis. */
static const char *after_comm(const char *stat)
{
	const char *p = strrchr(stat, ')');

	return p && p[1] ? p + 2 : NULL;
}

int lp_proc_task_stat(int64_t tid, struct lp_task_stat *stat)
{
	char text[1024];
	const char *p;
	long n = lp_proc_read(tid, "stat", text, sizeof(text));

	if (n < 0)
		return (int)n;
	p = after_comm(text);
	if (!p)
		return -EIO;
	stat->state = *p++;
	for (int field = 0; field < 5; field++) { /* ppid pgrp session tty_nr tpgid */
		while (*p == ' ' || *p == '-')
			p++;
		lp_parse_number(&p, 10);
	}
	stat->flags = (uint32_t)lp_parse_number(&p, 10);
	return 0;
}

long lp_proc_thread_count(void)
{
	char text[1024];
	const char *p;
	long n = lp_proc_read(0, "stat", text, sizeof(text));

	if (n < 0)
		return n;
	p = after_comm(text);
	for (int field = 3; p && field < 20; field++) { /* num_threads is field 20 */
		p = strchr(p, ' ');
		if (p)
			p++;
	}
	return p ? (long)lp_parse_number(&p, 10) : -EIO;
}

static int status_field(int64_t tid, const char *name, int base, uint64_t *value)
{
	char text[4096];
	const char *p;
	long n = lp_proc_read(tid, "status", text, sizeof(text));

	if (n < 0)
		return (int)n;
	p = strstr(text, name);
	if (!p)
		return -EIO;
	p += strlen(name);
	*value = lp_parse_number(&p, base);
	return 0;
}

int lp_proc_blocked_signals(int64_t tid, uint64_t *blocked)
{
	return status_field(tid, "\nSigBlk:", 16, blocked);
}

int lp_proc_filters(int64_t tid, uint64_t *count)
{
	int r = status_field(tid, "\nSeccomp_filters:", 10, count); /* since Linux 5.9 */

	return r == -EIO ? status_field(tid, "\nSeccomp:", 10, count) : r;
}

/*
 * The third number of schedstat counts how often the task got a processor, where the kernel
 * keeps it (it is 0 for everybody otherwise); else the sum of both kinds of context switches.
 */
int lp_proc_switches(int64_t tid, uint64_t *count)
{
	char text[128];
	const char *p = text;
	uint64_t voluntary, forced;
	int r;

	if (lp_proc_read(tid, "schedstat", text, sizeof(text)) > 0) {
		lp_parse_number(&p, 10);
		lp_parse_number(&p, 10);
		*count = lp_parse_number(&p, 10);
		if (*count)
			return 0;
	}
	r = status_field(tid, "\nvoluntary_ctxt_switches:", 10, &voluntary);
	if (r == 0)
		r = status_field(tid, "\nnonvoluntary_ctxt_switches:", 10, &forced);
	if (r == 0)
		*count = voluntary + forced;
	return r;
}

/*
 * startstack is field 28 of stat; what grows down from there is at most 1 GiB deep for us. Asked of
 * this task: a main thread that has exited has no memory any more, and a 0 there.
 */
int lp_proc_main_stack(uint64_t *lowest, uint64_t *end)
{
	char text[1024];
	const char *p;
	long n = lp_proc_read(lp_sys(__NR_gettid), "stat", text, sizeof(text));

	if (n < 0)
		return (int)n;
	p = after_comm(text);
	for (int field = 3; p && field < 28; field++) {
		p = strchr(p, ' ');
		if (p)
			p++;
	}
	if (!p)
		return -EIO;
	*end = lp_parse_number(&p, 10);
	if (*end <= 1ull << 30)
		return -EIO;
	*lowest = *end - (1ull << 30);
	return 0;
}

/* It is this process's when its stat starts with our own pid. */
static bool is_ours(void)
{
	char text[1024];
	const char *p = text;

	return lp_proc_read(0, "stat", text, sizeof(text)) > 0 &&
	       lp_parse_number(&p, 10) == (uint64_t)lp_sys(__NR_getpid);
}

static int use(int given_fd)
{
	if (given_fd < 0)
		return -ENOENT;
	self_fd = (int)lp_sys(__NR_fcntl, given_fd, F_DUPFD_CLOEXEC, 100);
	if (self_fd >= 0 && is_ours()) {
		self_ino = inode_of(self_fd);
		return 0;
	}
	lp_proc_deinit();
	return -ENOENT;
}

int lp_proc_init(int given_fd)
{
	int r;

	self_fd = -1;
	r = is_ours() ? 0 : use(given_fd);
	if (given_fd >= 0)
		lp_sys_raw(__NR_close, given_fd, 0, 0, 0, 0, 0);
	return r;
}

void lp_proc_deinit(void)
{
	if (self_fd >= 0 && (!self_ino || inode_of(self_fd) == self_ino))
		lp_sys_raw(__NR_close, self_fd, 0, 0, 0, 0, 0);
	self_fd = -1;
	self_ino = 0;
}

int lp_proc_self_fd(void)
{
	return self_fd;
}
