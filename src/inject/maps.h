/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* maps.h - the mappings of a process. Used by src/inject only. */
#ifndef LP_INJECT_MAPS_H
#define LP_INJECT_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct lp_map {
	uint64_t lo, hi; /* addresses */
	uint64_t offset; /* in the file */
	uint64_t inode; /* 0: no file */
	unsigned int major, minor; /* device of the file */
	bool read, write, execute, shared;
	char *path; /* "" for anonymous memory */
};

struct lp_maps {
	struct lp_map *maps; /* by address */
	size_t count;
};

/* Of any live thread. 0, -ESRCH (also when it has no memory), -EACCES, -ENOMEM. */
int lp_maps_read(struct lp_maps *maps, pid_t tid);
void lp_maps_deinit(struct lp_maps *maps);

/* The mapping that holds the address, or NULL. */
const struct lp_map *lp_maps_find(const struct lp_maps *maps, uint64_t addr);

#endif
