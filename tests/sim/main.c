/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The simulation's front door: docs/design/sim.md.
 *	sim [--seed N] [--seeds N] [--steps N] [--tasks N] [--trace] [--blind] [--no-shrink] [--script FILE]
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run.h"
#include "script.h"
#include "shrink.h"

struct options {
	uint64_t seed;
	unsigned int seeds, tasks;
	uint64_t steps; /* of all seeds together */
	bool trace, shrink, blind;
	const char *script, *out;
};

struct total {
	uint64_t steps, stirred, counts[OP_COUNT], accepted, refused;
	uint64_t started, completed, back, forced, abandoned, called;
	double seconds;
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void total_add(struct total *total, const struct run *run)
{
	unsigned int i;

	total->steps += run->n_ops;
	total->stirred += run->stirred;
	total->accepted += run->accepted;
	total->refused += run->refused;
	total->started += run->started;
	total->completed += run->completed;
	total->back += run->back;
	total->abandoned += run->abandoned;
	total->forced += run->forced;
	total->called += run->called;
	for (i = 0; i < OP_COUNT; i++)
		total->counts[i] += run->counts[i];
}

static void total_print(const struct total *total, unsigned int seeds)
{
	unsigned int i;

	printf("sim: %u seeds, %llu steps (and %llu of tasks while the core was at work), %.1f s: %.0f steps a minute\n",
	       seeds, (unsigned long long)total->steps, (unsigned long long)total->stirred,
	       total->seconds, (double)total->steps * 60 / total->seconds);
	printf("sim: requests accepted %llu, refused %llu; callbacks %llu\n",
	       (unsigned long long)total->accepted, (unsigned long long)total->refused,
	       (unsigned long long)total->called);
	printf("sim: transitions started %llu, completed %llu (turned back %llu, forced %llu), abandoned %llu\nsim:",
	       (unsigned long long)total->started, (unsigned long long)total->completed,
	       (unsigned long long)total->back, (unsigned long long)total->forced,
	       (unsigned long long)total->abandoned);
	for (i = 0; i < OP_COUNT; i++)
		printf(" %s %llu", op_word(i), (unsigned long long)total->counts[i]);
	printf("\n");
}

static void failure_print(const struct run *run)
{
	printf("sim: seed %llu: violation of %s at step %u: %s\n",
	       (unsigned long long)run->config.seed, run->invariant, run->n_ops, run->message);
}

static void failure_shrink(struct run *run, const struct options *options)
{
	FILE *out;

	printf("sim: making it short ...\n");
	shrink(run);
	failure_print(run);
	script_write(stdout, run);
	out = options->out ? fopen(options->out, "w") : NULL;
	if (!out)
		return;
	script_write(out, run);
	fclose(out);
	printf("sim: replay: scripts/sim.sh --script %s\n", options->out);
}

static int run_seeds(struct run *run, const struct options *options)
{
	struct total total = { 0 };
	double started_s = now_s();
	unsigned int i;

	for (i = 0; i < options->seeds; i++) {
		struct run_config config = { options->seed + i, options->tasks, options->blind };

		run_random(run, &config, (unsigned int)(options->steps / options->seeds),
			   options->trace ? stdout : NULL);
		total_add(&total, run);
		if (run->failed) {
			failure_print(run);
			printf("sim: found after %.1f s, %llu steps\n", now_s() - started_s,
			       (unsigned long long)total.steps);
			printf("sim: again: SEED=%llu STEPS=%llu scripts/sim.sh\n",
			       (unsigned long long)config.seed,
			       (unsigned long long)(options->steps / options->seeds));
			if (options->shrink)
				failure_shrink(run, options);
			return 1;
		}
		if (options->seeds == 1)
			printf("sim: seed %llu: trace %016llx\n", (unsigned long long)config.seed,
			       (unsigned long long)run->hash);
		fflush(stdout);
	}
	total.seconds = now_s() - started_s;
	total_print(&total, options->seeds);
	return 0;
}

static int run_script(struct run *run, const struct options *options)
{
	FILE *file = fopen(options->script, "r");
	struct op *ops;
	int line;

	if (!file) {
		fprintf(stderr, "sim: %s: %s\n", options->script, strerror(errno));
		return 2;
	}
	line = script_read(file, run);
	fclose(file);
	if (line) {
		fprintf(stderr, "sim: %s:%d: no step\n", options->script, line);
		return 2;
	}
	ops = malloc((run->n_ops + 1) * sizeof(*ops));
	if (!ops)
		return 2;
	memcpy(ops, run->ops, run->n_ops * sizeof(*ops));
	run_replay(run, &run->config, ops, run->n_ops, options->trace ? stdout : NULL);
	free(ops);
	if (run->failed)
		failure_print(run);
	else
		printf("sim: %u steps, no violation, trace %016llx\n", run->n_ops,
		       (unsigned long long)run->hash);
	return run->failed;
}

static int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{ "seed", 1, NULL, 's' },      { "seeds", 1, NULL, 'n' },
		{ "steps", 1, NULL, 't' },     { "tasks", 1, NULL, 'k' },
		{ "script", 1, NULL, 'f' },    { "out", 1, NULL, 'o' },
		{ "blind", 0, NULL, 'b' },     { "trace", 0, NULL, 'v' },
		{ "no-shrink", 0, NULL, 'x' }, { 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (c) {
		case 's':
			options->seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			options->seeds = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case 't':
			options->steps = strtoull(optarg, NULL, 0);
			break;
		case 'k':
			options->tasks = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case 'f':
			options->script = optarg;
			break;
		case 'o':
			options->out = optarg;
			break;
		case 'b':
			options->blind = true;
			break;
		case 'v':
			options->trace = true;
			break;
		case 'x':
			options->shrink = false;
			break;
		default:
			return -EINVAL;
		}
	}
	return options->seeds ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct options options = { .seed = 1, .seeds = 20, .steps = 500000, .shrink = true };
	struct run *run = run_create();
	int status;

	if (!run || options_parse(&options, argc, argv)) {
		fprintf(stderr, "usage: sim [--seed N] [--seeds N] [--steps N] [--tasks N] "
				"[--trace] [--blind] [--no-shrink] [--out FILE] [--script FILE]\n");
		return 2;
	}
	status = options.script ? run_script(run, &options) : run_seeds(run, &options);
	run_destroy(run);
	return status;
}
