/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clock.h - time, by system call. */
#ifndef LP_AGENT_CLOCK_H
#define LP_AGENT_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "sys.h"

static inline uint64_t lp_clock_of(int clock)
{
	struct timespec now = { 0 };

	lp_sys_raw(__NR_clock_gettime, clock, (long)&now, 0, 0, 0, 0);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

/* monotonic nanoseconds */
static inline uint64_t lp_clock_ns(void)
{
	return lp_clock_of(CLOCK_MONOTONIC);
}

/* nanoseconds since the epoch */
static inline uint64_t lp_clock_real_ns(void)
{
	return lp_clock_of(CLOCK_REALTIME);
}

/* Lets others run for at least that long; less than a second. */
static inline void lp_clock_pause(uint64_t ns)
{
	struct timespec time = { .tv_sec = 0, .tv_nsec = (long)ns };

	lp_sys_raw(__NR_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&time, 0, 0, 0);
}

#endif
