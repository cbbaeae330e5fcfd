/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * events.h - what the core tells about the two ends of transitions. The log and all metrics hang on
 * it, so each patch's way in and out must be told exactly once.
 */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_EVENTS 256

struct lp_event;
struct world;

struct told {
	int type;
	uint32_t serial;
};

struct events {
	struct told told[MAX_EVENTS], wanted[MAX_EVENTS];
	unsigned int n_told, n_wanted;
};

/* A step begins. */
void events_begin(struct world *world);
void events_told(struct world *world, const struct lp_event *event);
/* It was kept, and is no longer. */
void events_expect_forget(struct world *world, uint32_t serial);
/* The transition of the plan has started. */
void events_expect_start(struct world *world);
/* The transition of the plan is over, completed or abandoned. */
void events_expect_end(struct world *world, bool completed, bool forward);
/* The step is over. */
void events_check(struct world *world);

#endif
