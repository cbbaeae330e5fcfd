// SPDX-License-Identifier: LGPL-2.1-or-later
/* family.c - see family.h. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "family.h"

#define STEP_MS 10 /* SIGCHLD may be blocked, or tell of another child */
#define STUBBORN_MS 10000 /* a process in uninterruptible sleep does not end */

struct process {
	pid_t pid, parent;
	bool found; /* a descendant */
};

struct table {
	struct process *list;
	size_t count;
};

int lp_family_adopt(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1) ? -errno : 0;
}

/* False: it is gone, or a zombie. */
static bool read_parent(pid_t pid, pid_t *parent)
{
	char name[32], line[512], *rest = NULL, state;
	int number;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	file = fopen(name, "re");
	if (!file)
		return false;
	if (fgets(line, sizeof(line), file))
		rest = strrchr(line, ')');
	fclose(file);
	if (!rest || sscanf(rest, ") %c %d", &state, &number) != 2 || state == 'Z' || state == 'X')
		return false;
	*parent = (pid_t)number;
	return true;
}

static int read_table(struct table *table)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	int err = 0;

	if (!proc)
		return -errno;
	while (!err && (entry = readdir(proc))) {
		struct process one = { .pid = (pid_t)atoi(entry->d_name) }, *grown;

		if (one.pid <= 0 || !read_parent(one.pid, &one.parent))
			continue;
		grown = reallocarray(table->list, table->count + 1, sizeof(*grown));
		if (grown) {
			table->list = grown;
			grown[table->count++] = one;
		} else {
			err = -ENOMEM;
		}
	}
	closedir(proc);
	return err;
}

static bool is_found(const struct table *table, pid_t pid)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->list[i].pid == pid)
			return table->list[i].found;
	return false;
}

int lp_family_list(pid_t root, pid_t **pids, size_t *count)
{
	struct table table = { 0 };
	int err = read_table(&table);
	bool again = !err;

	while (again) {
		again = false;
		for (size_t i = 0; i < table.count; i++) {
			struct process *one = &table.list[i];

			if (one->found || (one->parent != root && !is_found(&table, one->parent)))
				continue;
			one->found = again = true;
		}
	}
	*count = 0;
	*pids = err ? NULL : calloc(table.count + 1, sizeof(**pids));
	for (size_t i = 0; *pids && i < table.count; i++)
		if (table.list[i].found)
			(*pids)[(*count)++] = table.list[i].pid;
	free(table.list);
	return err ? err : *pids ? 0 : -ENOMEM;
}

static bool is_descendant(pid_t pid)
{
	pid_t *pids;
	size_t count;
	bool found = false;

	if (lp_family_list(getpid(), &pids, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		found |= pids[i] == pid;
	free(pids);
	return found;
}

/* A number may be another process's by now: what has the descriptor is asked for its parents again. */
static void signal_one(pid_t pid, int number)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return;
	if (is_descendant(pid))
		(void)syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
	close(fd);
}

static void signal_all(int number)
{
	pid_t *pids;
	size_t count;

	if (lp_family_list(getpid(), &pids, &count))
		return;
	for (size_t i = 0; i < count; i++)
		signal_one(pids[i], number);
	free(pids);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool reap(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0 || (pid < 0 && errno == EINTR));
	return pid < 0; /* ECHILD: all descendants have been ours in the end */
}

bool lp_family_wait(unsigned int timeout_ms)
{
	const uint64_t end_ms = now_ms() + timeout_ms;

	while (!reap()) {
		if (now_ms() >= end_ms)
			return false;
		(void)poll(NULL, 0, STEP_MS);
	}
	return true;
}

bool lp_family_end(unsigned int grace_ms)
{
	const uint64_t end_ms = now_ms() + grace_ms + STUBBORN_MS;

	if (reap())
		return true;
	signal_all(SIGTERM);
	if (lp_family_wait(grace_ms))
		return true;
	/* They may start others meanwhile. */
	while (now_ms() < end_ms) {
		signal_all(SIGKILL);
		if (lp_family_wait(5 * STEP_MS))
			return true;
	}
	return false;
}
