// SPDX-License-Identifier: LGPL-2.1-or-later
/* target.c - see target.h. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "inject/inject.h"
#include "maps.h"
#include "target.h"
#include "task.h"

#define COMM_LENGTH_MAX 15 /* the kernel's TASK_COMM_LEN without NUL */

static int add_target(struct lp_targets *targets, pid_t pid)
{
	pid_t *grown;

	for (size_t i = 0; i < targets->count; i++)
		if (targets->pids[i] == pid)
			return 0;
	grown = reallocarray(targets->pids, targets->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	targets->pids = grown;
	grown[targets->count++] = pid;
	return 0;
}

static int add_matching(struct lp_targets *targets, lp_target_filter filter, void *context)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	int result = 0;

	if (!proc)
		return -errno;
	while (!result && (entry = readdir(proc))) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 0 && pid != getpid() && filter(pid, context))
			result = add_target(targets, pid);
	}
	closedir(proc);
	return result;
}

/* The kernel cuts names of processes off; so do we, for a name that was given in full. */
static bool has_name(pid_t pid, void *context)
{
	char comm[COMM_LENGTH_MAX + 2];

	lp_task_comm(pid, comm, sizeof(comm));
	return *comm && !strncmp(comm, context, COMM_LENGTH_MAX);
}

struct wanted_file {
	struct stat status;
	char path[PATH_MAX];
};

static bool is_file(void *context, const struct lp_mapping *mapping)
{
	static const char deleted[] = " (deleted)";
	const struct wanted_file *file = context;
	size_t length = strlen(file->path);

	if (!mapping->inode)
		return false;
	if (mapping->inode == file->status.st_ino &&
	    makedev(mapping->major, mapping->minor) == file->status.st_dev)
		return true;
	/*
	 * On btrfs and overlayfs stat(2) and maps disagree about the device; and a package upgrade
	 * leaves processes with the old file, which is what a patch is often for. The build-id
	 * decides in the end.
	 */
	return !strncmp(mapping->path, file->path, length) &&
	       (!mapping->path[length] || !strcmp(mapping->path + length, deleted));
}

static bool maps_file(pid_t pid, void *context)
{
	return lp_maps_walk(pid, is_file, context) == 1;
}

static int add_mapping(struct lp_targets *targets, const char *path)
{
	struct wanted_file file;

	if (stat(path, &file.status) || !realpath(path, file.path))
		return -errno;
	return add_matching(targets, maps_file, &file);
}

static bool is_agent(void *context, const struct lp_mapping *mapping)
{
	(void)context;
	return strstr(mapping->path, SUTURE_AGENT_FILE) != NULL;
}

bool lp_target_has_agent(pid_t pid, void *context)
{
	struct lp_inject_error error;
	struct suture_agent agent;

	(void)context;
	/* A fork has a copy of the mapping, and no agent: only the second look tells. */
	return lp_maps_walk(pid, is_agent, NULL) == 1 && !lp_agent_find(pid, &agent, &error);
}

int lp_targets_select(struct lp_targets *targets, const struct lp_options *options,
		      lp_target_filter filter, void *context, const char **culprit)
{
	int result = 0;

	*targets = (struct lp_targets){ 0 };
	for (size_t i = 0; i < options->n_selectors && !result; i++) {
		const struct lp_selector *selector = &options->selectors[i];

		*culprit = selector->text;
		switch (selector->kind) {
		case LP_SELECT_PID:
			result = add_target(targets, selector->pid);
			break;
		case LP_SELECT_NAME:
			result = add_matching(targets, has_name, (void *)selector->text);
			break;
		case LP_SELECT_OBJECT:
			result = add_mapping(targets, selector->text);
			break;
		case LP_SELECT_ALL:
			result = add_matching(targets, filter, context);
			break;
		}
	}
	if (result)
		lp_targets_deinit(targets);
	return result;
}

void lp_targets_deinit(struct lp_targets *targets)
{
	free(targets->pids);
	*targets = (struct lp_targets){ 0 };
}
