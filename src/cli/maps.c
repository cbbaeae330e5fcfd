// SPDX-License-Identifier: LGPL-2.1-or-later
/* maps.c - see maps.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int lp_maps_walk(pid_t pid, lp_mapping_visit visit, void *context)
{
	char name[32], *line = NULL;
	struct lp_mapping mapping;
	size_t size = 0;
	int result = 0;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
	file = fopen(name, "re");
	if (!file)
		return -errno;
	while (!result && getline(&line, &size, file) > 0)
		if (parse_line(line, &mapping) && visit(context, &mapping))
			result = 1;
	free(line);
	fclose(file);
	return result;
}
