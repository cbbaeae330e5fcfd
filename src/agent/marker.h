/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * marker.h - whether a new function has been called yet ("called" in status).
 *
 * Until then calls of it pass through a marker: a store of 1, and a jump to the function. Once the
 * store is seen the marker is taken off the path. Agent's thread only.
 */
#ifndef LP_AGENT_MARKER_H
#define LP_AGENT_MARKER_H

#include <stdbool.h>

#include "near.h"

/* The markers of one patch. */
struct lp_markers {
	struct lp_near code, flags;
};

int lp_markers_create(struct lp_markers *markers, const uint64_t *targets, unsigned int count);
void lp_markers_destroy(struct lp_markers *markers);

/* the address to call instead of targets[i] */
uint64_t lp_marker_addr(const struct lp_markers *markers, unsigned int i);
bool lp_marker_called(const struct lp_markers *markers, unsigned int i);

#endif
