// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pause.c - how long a thread that computes stands still when a patch is applied.
 *
 * It has a processor of its own, reads the clock without a break and keeps the longest gap between
 * two readings, in windows: around an apply, and around a command that asks for the status only,
 * which is the jitter of machine and clock. It either computes alone, so that the transition must
 * send it a signal, or calls the patched function all the time. Where the system lets us it runs
 * with real-time priority: other work on that processor is not what is measured.
 */
#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One instruction of 5 bytes; and several, with nothing but code within a short jump's reach. */
__asm__(".text\n"
	".p2align 6\n"
	".type single, @function\n"
	"single: mov $1, %eax\n"
	"	add %edi, %eax\n"
	"	ret\n"
	".size single, . - single\n"
	".type before, @function\n"
	"before: .fill 1087, 1, 0x90\n"
	"	ret\n"
	".size before, . - before\n"
	".type multi, @function\n"
	"multi:	lea 1(%rdi), %eax\n"
	"	test %eax, %eax\n"
	"	ret\n"
	".size multi, . - multi\n"
	".type after, @function\n"
	"after:	.fill 511, 1, 0x90\n"
	"	ret\n"
	".size after, . - after\n");

unsigned int single(unsigned int), multi(unsigned int);

static unsigned int nothing(unsigned int x)
{
	return x;
}

static unsigned int (*volatile work)(unsigned int) = nothing;
static atomic_int computing; /* 0: rest, 1: compute, -1: end */
static atomic_bool resting = true;
static atomic_ullong longest_ticks;
static double ns_per_tick;

static void calibrate(void)
{
	uint64_t ns = bench_now_ns(), ticks = __builtin_ia32_rdtsc();

	while (bench_now_ns() - ns < 50000000)
		;
	ns_per_tick = (double)(bench_now_ns() - ns) / (double)(__builtin_ia32_rdtsc() - ticks);
}

static void compute(void)
{
	uint64_t longest = 0, before = __builtin_ia32_rdtsc();

	while (atomic_load_explicit(&computing, memory_order_relaxed) == 1) {
		uint64_t now;

		work(1);
		now = __builtin_ia32_rdtsc();
		if (now - before > longest)
			longest = now - before;
		before = now;
	}
	longest_ticks = longest;
}

static void *run(void *unused)
{
	struct sched_param first = { .sched_priority = 1 };
	int now;

	bench_pin(-1);
	pthread_setschedparam(pthread_self(), SCHED_FIFO, &first);
	while ((now = computing) >= 0) {
		if (now) {
			resting = false;
			compute();
			resting = true;
		} else {
			nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
		}
	}
	return unused;
}

static void wait_resting(bool wanted)
{
	while (resting != wanted)
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
}

/* The longest gap, in us, while the command runs. */
static double window_us(void (*command)(const char *), const char *name)
{
	computing = 1;
	wait_resting(false);
	command(name);
	computing = 0;
	wait_resting(true);
	return (double)longest_ticks * ns_per_tick / 1000;
}

static void apply(const char *name)
{
	bench_apply(name, NULL);
}

static void ask_only(const char *name)
{
	(void)name;
	bench_suture(NULL, "status", NULL, NULL);
}

static double pause_us(void)
{
	static char text[BENCH_TEXT_MAX];

	bench_suture(text, "status", NULL, NULL);
	return bench_json_number(text, "pause_us", 0);
}

static void measure(const char *patch, unsigned int (*function)(unsigned int), const char *doing)
{
	double gaps[9], quiet[9], reported[9];
	size_t rounds = (size_t)bench_rounds(9, 5);
	char name[64], what[128];

	work = function;
	for (size_t i = 0; i < rounds; i++) {
		quiet[i] = window_us(ask_only, NULL);
		gaps[i] = window_us(apply, patch);
		reported[i] = pause_us();
		bench_disable(patch);
	}
	snprintf(name, sizeof(name), "%s-%s", patch, doing);
	snprintf(what, sizeof(what), "pause at apply, entry %s, task %s", patch + strlen("pause-"),
		 doing);
	bench_print(&(struct bench_figure){ .name = name,
					    .what = what,
					    .unit = "us",
					    .value = bench_median(gaps, rounds),
					    .peer_what = "no apply",
					    .peer = bench_median(quiet, rounds),
					    .goal = BENCH_OVER,
					    .limit = 200 });
	snprintf(name, sizeof(name), "%s-%s-reported", patch, doing);
	snprintf(what, sizeof(what), "  the agent's own pause_us, %s", doing);
	bench_print(&(struct bench_figure){ .name = name,
					    .what = what,
					    .unit = "us",
					    .value = bench_median(reported, rounds),
					    .goal = BENCH_NONE });
}

int main(void)
{
	pthread_t thread;

	calibrate();
	bench_pin(0);
	bench_suture(NULL, "attach", NULL, NULL); /* the agent keeps off the other processor too */
	if (pthread_create(&thread, NULL, run, NULL) != 0)
		bench_die("cannot start a thread");
	measure("pause-single", nothing, "computes");
	measure("pause-single", single, "calls");
	measure("pause-multi", nothing, "computes");
	measure("pause-multi", multi, "calls");
	computing = -1;
	bench_suture(NULL, "detach", NULL, NULL);
	return pthread_join(thread, NULL);
}
