// SPDX-License-Identifier: LGPL-2.1-or-later
/* task.c - see task.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "task.h"

void lp_task_comm(pid_t pid, char *comm, size_t size)
{
	char name[32];
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/comm", (int)pid);
	*comm = '\0';
	file = fopen(name, "re");
	if (!file)
		return;
	if (fgets(comm, (int)size, file))
		comm[strcspn(comm, "\n")] = '\0';
	fclose(file);
}

/* The last number of a line of a status file, as "NSpid:  1234  7"; or a negative errno. */
static long read_status(const char *name, const char *key)
{
	char line[512];
	long value = -ENOENT;
	FILE *file = fopen(name, "re");

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		char *last;

		if (strncmp(line, key, strlen(key)))
			continue;
		line[strcspn(line, "\n")] = '\0';
		last = strrchr(line, '\t');
		value = last ? strtol(last + 1, NULL, 10) : -EPROTO;
		break;
	}
	fclose(file);
	return value;
}

pid_t lp_task_process(pid_t tid)
{
	char name[32];
	pid_t process;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)tid);
	process = (pid_t)read_status(name, "Tgid:");
	return process > 0 ? process : 0;
}

pid_t lp_task_parent(pid_t pid)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	return (pid_t)read_status(name, "PPid:");
}

pid_t lp_task_inner(pid_t pid, pid_t tid)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/task/%d/status", (int)pid, (int)tid);
	return (pid_t)read_status(name, "NSpid:");
}

long lp_task_sleeps(pid_t pid, pid_t tid)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/task/%d/status", (int)pid, (int)tid);
	return read_status(name, "voluntary_ctxt_switches:");
}

static bool same_namespace(pid_t pid)
{
	struct stat ours, theirs;
	char name[40];

	snprintf(name, sizeof(name), "/proc/%d/ns/pid", (int)pid);
	return stat("/proc/self/ns/pid", &ours) || stat(name, &theirs) ||
	       (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev);
}

static void translate_one(json_t *blockers, pid_t inner, pid_t outer)
{
	json_t *blocker;
	size_t i;

	json_array_foreach(blockers, i, blocker)
		if (json_integer_value(json_object_get(blocker, "tid")) == inner &&
		    !json_object_get(blocker, "seen"))
			json_object_set_new(blocker, "seen", json_integer(outer));
}

static void take_seen(json_t *blockers)
{
	json_t *blocker;
	size_t i;

	json_array_foreach(blockers, i, blocker) {
		json_t *seen = json_object_get(blocker, "seen");

		if (!seen)
			continue;
		json_object_set(blocker, "tid", seen);
		json_object_del(blocker, "seen");
	}
}

void lp_task_translate(pid_t pid, json_t *blockers)
{
	char name[32];
	struct dirent *entry;
	DIR *tasks;

	if (!json_array_size(blockers) || same_namespace(pid))
		return;
	snprintf(name, sizeof(name), "/proc/%d/task", (int)pid);
	tasks = opendir(name);
	if (!tasks)
		return;
	while ((entry = readdir(tasks))) {
		pid_t outer = (pid_t)atoi(entry->d_name);
		pid_t inner = outer > 0 ? lp_task_inner(pid, outer) : 0;

		if (inner > 0)
			translate_one(blockers, inner, outer);
	}
	closedir(tasks);
	take_seen(blockers);
}
