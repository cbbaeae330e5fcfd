/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* maps.h - what a process has mapped, as /proc/PID/maps tells. */
#ifndef LP_CLI_MAPS_H
#define LP_CLI_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "elf/file.h"

struct lp_mapping {
	uint64_t start, end;
	bool executable;
	unsigned int major, minor;
	uint64_t inode; /* 0: no file */
	const char *path; /* "" for none; valid during the visit */
};

/*
 * The build-id of the file that a process has mapped there, also if it was replaced or lies in another mount
 * namespace: its size, or a negative errno.
 */
int lp_mapping_build_id(pid_t pid, const struct lp_mapping *mapping,
			uint8_t id[LP_ELF_BUILD_ID_MAX]);

/* Returning true stops the walk. */
typedef bool (*lp_mapping_visit)(void *context, const struct lp_mapping *mapping);

/* 1: the visit stopped it, 0: it saw all, or a negative errno. */
int lp_maps_walk(pid_t pid, lp_mapping_visit visit, void *context);

#endif
