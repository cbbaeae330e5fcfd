/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "task.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A small file of /proc as a string; the number of bytes, or -errno. */
static ssize_t slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n >= 0)
		text[n] = 0;
	return n;
}

static const char *field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? at + strlen(name) : "";
}

static pid_t last_number(const char *list)
{
	pid_t number = 0;

	while (*list && *list != '\n') {
		if (isdigit((unsigned char)*list))
			number = (pid_t)strtol(list, (char **)&list, 10);
		else
			list++;
	}
	return number;
}

int lp_task_status(pid_t tid, struct lp_task_status *status)
{
	char path[64], text[8192];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	n = slurp(path, text, sizeof(text));
	if (n < 0)
		return (int)n;
	if (!n)
		return -ESRCH;
	status->state = *(field(text, "\nState:") + strspn(field(text, "\nState:"), " \t"));
	status->tgid = (pid_t)strtol(field(text, "\nTgid:"), NULL, 10);
	status->tracer = (pid_t)strtol(field(text, "\nTracerPid:"), NULL, 10);
	status->seccomp = (int)strtol(field(text, "\nSeccomp:"), NULL, 10);
	status->ns_tid = last_number(field(text, "\nNSpid:"));
	status->shadow_stack = !strncmp(field(text, "\nx86_Thread_features:"), "\tshstk", 6);
	return 0;
}

int lp_task_list(pid_t pid, pid_t **tids)
{
	pid_t *list = NULL, *grown;
	struct dirent *entry;
	int count = 0, room = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (count == room) {
			room = room ? 2 * room : 64;
			grown = realloc(list, (size_t)room * sizeof(*list));
			if (!grown) {
				free(list);
				closedir(dir);
				return -ENOMEM;
			}
			list = grown;
		}
		list[count++] = atoi(entry->d_name);
	}
	closedir(dir);
	*tids = list;
	return count;
}

static bool is_live(pid_t tid)
{
	struct lp_task_status status;

	return !lp_task_status(tid, &status) && status.state != 'Z' && status.state != 'X';
}

pid_t lp_task_live(pid_t pid)
{
	pid_t *tids, found = -ESRCH;
	int count;

	if (is_live(pid))
		return pid;
	count = lp_task_list(pid, &tids);
	if (count < 0)
		return count;
	for (int i = 0; i < count && found < 0; i++)
		if (is_live(tids[i]))
			found = tids[i];
	free(tids);
	return found;
}

pid_t lp_task_by_ns(pid_t pid, pid_t ns_tid)
{
	struct lp_task_status status;
	pid_t *tids, found = -ESRCH;
	int count = lp_task_list(pid, &tids);

	if (count < 0)
		return count;
	for (int i = 0; i < count && found < 0; i++)
		if (!lp_task_status(tids[i], &status) && status.ns_tid == ns_tid)
			found = tids[i];
	free(tids);
	return found;
}

unsigned int lp_task_flags(pid_t tid)
{
	char path[64], text[1024], *after;
	unsigned int flags = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	if (slurp(path, text, sizeof(text)) <= 0)
		return 0;
	after = strrchr(text, ')'); /* the name before it may hold anything */
	if (after && sscanf(after, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		flags = 0;
	return flags;
}

uint64_t lp_task_robust_head(pid_t tid)
{
	uint64_t head = 0;
	size_t size;

	return syscall(SYS_get_robust_list, tid, &head, &size) ? 0 : head;
}

int lp_task_call(pid_t pid, pid_t tid, struct lp_task_call *call)
{
	char path[64], text[512];
	uint64_t *a = call->args;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
	n = slurp(path, text, sizeof(text));
	if (n <= 0)
		return n ? (int)n : -ESRCH;
	if (!strncmp(text, "running", 7))
		return -EAGAIN;
	memset(call, 0, sizeof(*call));
	if (sscanf(text,
		   "%ld %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
		   " %" SCNx64 " %" SCNx64,
		   &call->number, &a[0], &a[1], &a[2], &a[3], &a[4], &a[5], &call->sp,
		   &call->pc) == 9)
		return 0;
	if (sscanf(text, "-1 %" SCNx64 " %" SCNx64, &call->sp, &call->pc) == 2) {
		call->number = -1;
		return 0;
	}
	return -EAGAIN;
}
