/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "maps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse(struct lp_map *map, char *line)
{
	char flags[5];
	int path = 0;

	line[strcspn(line, "\n")] = 0;
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &map->lo,
		   &map->hi, flags, &map->offset, &map->major, &map->minor, &map->inode,
		   &path) != 7 ||
	    !path)
		return false;
	map->read = flags[0] == 'r';
	map->write = flags[1] == 'w';
	map->execute = flags[2] == 'x';
	map->shared = flags[3] == 's';
	map->path = strdup(line + path);
	return map->path != NULL;
}

static int append(struct lp_maps *maps, size_t *room, char *line)
{
	struct lp_map *grown;

	if (maps->count == *room) {
		*room = *room ? 2 * *room : 128;
		grown = realloc(maps->maps, *room * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		maps->maps = grown;
	}
	if (!parse(&maps->maps[maps->count], line))
		return -ENOMEM;
	maps->count++;
	return 0;
}

int lp_maps_read(struct lp_maps *maps, pid_t tid)
{
	size_t room = 0, size = 0;
	char path[64], *line = NULL;
	int result = 0;
	FILE *file;

	memset(maps, 0, sizeof(*maps));
	snprintf(path, sizeof(path), "/proc/%d/maps", tid);
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? -ESRCH : -errno;
	while (!result && getline(&line, &size, file) > 0)
		result = append(maps, &room, line);
	if (!result && !maps->count)
		result = ferror(file) ? -EACCES : -ESRCH;
	free(line);
	fclose(file);
	if (result)
		lp_maps_deinit(maps);
	return result;
}

void lp_maps_deinit(struct lp_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++)
		free(maps->maps[i].path);
	free(maps->maps);
	memset(maps, 0, sizeof(*maps));
}

const struct lp_map *lp_maps_find(const struct lp_maps *maps, uint64_t addr)
{
	size_t lo = 0, hi = maps->count;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (addr < maps->maps[middle].lo)
			hi = middle;
		else if (addr >= maps->maps[middle].hi)
			lo = middle + 1;
		else
			return &maps->maps[middle];
	}
	return NULL;
}
