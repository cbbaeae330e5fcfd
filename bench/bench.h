/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench.h - what the measuring programs share. Each of them is the process that is patched, and
 * runs the suture command on itself; where it is, and the patches, come by the environment:
 * SUTURE, PATCHES (a folder), BENCH_SHORT. Figures are printed as JSON objects, one a line.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define BENCH_TEXT_MAX (256 << 10)

/* How a figure compares with what was measured beside it. */
enum bench_goal {
	BENCH_RATIO, /* value / peer <= limit */
	BENCH_OVER, /* value - peer <= limit */
	BENCH_VALUE, /* value <= limit; the peer is for information */
	BENCH_NONE, /* no goal */
};

struct bench_figure {
	const char *name; /* a word */
	const char *what; /* for people */
	const char *unit;
	double value;
	const char *peer_what; /* NULL: none */
	double peer;
	enum bench_goal goal;
	double limit;
	/* the goal is met within this much: what the measurement itself is wrong by */
	double tolerance;
};

void bench_print(const struct bench_figure *figure);
/* what could not be measured, and why */
void bench_skip(const char *name, const char *why);
void bench_die(const char *why) __attribute__((noreturn));

static inline uint64_t bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* sorts the values */
double bench_median(double *values, size_t count);

/* The calling thread on this processor alone: 0 the first of those it may use, -1 the last. */
void bench_pin(int which);
/* full, or what a short form does with */
int bench_rounds(int full, int brief);

/*
 * Runs a command to its end; its standard output goes to text (BENCH_TEXT_MAX bytes) unless that is
 * NULL. Returns the exit status, or 128 + the signal.
 */
int bench_run(char *text, const char *const *argv);
/* suture COMMAND [ARGUMENT] --pid SELF --json [OPTION]; dies unless it succeeds */
void bench_suture(char *text, const char *command, const char *argument, const char *option);
/* the patch PATCHES/NAME.lp */
void bench_apply(const char *name, const char *option);
void bench_disable(const char *name);
/* the number after "KEY": in a JSON text, from its n-th occurrence (0: the first); NAN: none */
double bench_json_number(const char *text, const char *key, int nth);
/* how long the last transition took by the agent's own log, in ms */
double bench_transition_ms(void);

#endif
