/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stage.h - a program that is started to be tried, by a process that ends it again with all that it has
 * started: also when we end.
 *
 * Open, wait until it is up, test, close.
 */
#ifndef LP_CLI_STAGE_H
#define LP_CLI_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "counterpart.h"
#include "place.h"

struct lp_stage {
	/* set by the caller */
	const char *name; /* "patched" or "rebuilt": $SUTURE_TEST */
	const char *start, *test; /* for /bin/sh */
	const char *log; /* file for what the program says */
	const char *output; /* file for what the test says on stdout */
	const struct lp_place *place; /* NULL: where we are */
	const struct lp_build_id *ids; /* what a process of the program maps, one of them */
	size_t n_ids;
	/* ours */
	pid_t keeper;
	int fd; /* to the keeper; -1: closed */
	bool started, tested; /* the commands have ended */
	int start_status, test_status; /* then; 128 + signal as in a shell */
	int crash; /* a signal that ended one of its processes, 0: none; as far as can be seen */
	char problem[512]; /* why it could not be done */
};

/* All return 0; -ECANCELED with ->problem; or another negative errno. Times in milliseconds. */
int lp_stage_open(struct lp_stage *stage);
/* Until a process of the program is there, and they all are at rest, or have run for a while. */
int lp_stage_await(struct lp_stage *stage, uint32_t timeout_ms);
/* Runs the test: its status and output are there afterwards. */
int lp_stage_test(struct lp_stage *stage, uint32_t timeout_ms);
/* Ends all. ->fd was -1, or it was opened. */
void lp_stage_close(struct lp_stage *stage);

/* The processes of the program; malloc'ed. 0 or -errno. */
int lp_stage_processes(const struct lp_stage *stage, pid_t **pids, size_t *count);

#endif
