/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * snapshot.h - all that a refused request must leave as it was (I9): the core's books, the sites,
 * the text, and what the host gave. As one hash for each part, made of numbers, not of addresses.
 */
#ifndef SIM_SNAPSHOT_H
#define SIM_SNAPSHOT_H

#include <stdint.h>

struct world;

enum snapshot_part {
	SNAPSHOT_PATCHES,
	SNAPSHOT_SITES,
	SNAPSHOT_TRANSITION,
	SNAPSHOT_UNDO,
	SNAPSHOT_TEXT,
	SNAPSHOT_MEMORY,
	SNAPSHOT_PARTS
};

struct snapshot {
	uint64_t parts[SNAPSHOT_PARTS];
};

void snapshot_take(const struct world *world, struct snapshot *snapshot);
/* Ends the run if they differ. */
void snapshot_compare(struct world *world, const struct snapshot *before,
		      const struct snapshot *after, const char *request);

#endif
