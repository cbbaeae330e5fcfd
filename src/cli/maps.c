// SPDX-License-Identifier: LGPL-2.1-or-later
/* maps.c - see maps.h. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf/regular.h"
#include "maps.h"

static bool parse_line(char *line, struct lp_mapping *mapping)
{
	char permissions[5];
	int path_at = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*s %x:%x %" SCNu64 " %n", &mapping->start,
		   &mapping->end, permissions, &mapping->major, &mapping->minor, &mapping->inode,
		   &path_at) != 6)
		return false;
	line[strcspn(line, "\n")] = '\0';
	mapping->executable = permissions[2] == 'x';
	mapping->path = line + path_at;
	return true;
}

/* As lp_maps_walk(), and -ENODATA for a list without a line. */
static int walk(const char *name, lp_mapping_visit visit, void *context)
{
	char *line = NULL;
	struct lp_mapping mapping;
	size_t size = 0;
	int result = -ENODATA;
	FILE *file = fopen(name, "re");

	if (!file)
		return -errno;
	while (result != 1 && getline(&line, &size, file) > 0)
		if (parse_line(line, &mapping))
			result = visit(context, &mapping);
	free(line);
	fclose(file);
	return result;
}

/* A main thread that has exited has no memory any more; the others have. */
static int walk_tasks(pid_t pid, lp_mapping_visit visit, void *context)
{
	struct dirent *entry;
	char name[64];
	int result = -ENODATA;
	DIR *tasks;

	snprintf(name, sizeof(name), "/proc/%d/task", (int)pid);
	tasks = opendir(name);
	if (!tasks)
		return -errno;
	while (result < 0 && (entry = readdir(tasks))) {
		if (atoi(entry->d_name) <= 0)
			continue;
		snprintf(name, sizeof(name), "/proc/%d/task/%d/maps", (int)pid,
			 atoi(entry->d_name));
		result = walk(name, visit, context);
	}
	closedir(tasks);
	return result;
}

int lp_maps_walk(pid_t pid, lp_mapping_visit visit, void *context)
{
	char name[32];
	int result;

	snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
	result = walk(name, visit, context);
	if (result == -ENODATA)
		result = walk_tasks(pid, visit, context);
	return result == -ENODATA ? 0 : result;
}

/*
 * Replaced and other namespaces' files are reachable by the mapping, if we may; else by name, which is
 * the process's to choose.
 */
static int open_mapped(pid_t pid, const struct lp_mapping *mapping)
{
	char path[4096 + 64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)pid,
		 mapping->start, mapping->end);
	fd = lp_regular_open(path, 0);
	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "/proc/%d/root%s", (int)pid, mapping->path);
	return lp_regular_open(path, mapping->inode);
}

int lp_mapping_build_id(pid_t pid, const struct lp_mapping *mapping,
			uint8_t id[LP_ELF_BUILD_ID_MAX])
{
	int fd = open_mapped(pid, mapping), size;
	char path[32];

	if (fd < 0)
		return fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	size = lp_elf_build_id(path, id);
	close(fd);
	return size;
}
