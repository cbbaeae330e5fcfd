/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define MAX_CPU_S 300 /* of one run; a core that goes round for ever is killed */

static size_t run_size(void)
{
	return sizeof(struct run) + MAX_OPS * sizeof(struct op);
}

struct run *run_create(void)
{
	void *run = mmap(NULL, run_size(), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return run == MAP_FAILED ? NULL : run;
}

void run_destroy(struct run *run)
{
	munmap(run, run_size());
}

static void run_clear(struct run *run, const struct run_config *config)
{
	memset(run, 0, sizeof(*run));
	run->config = *config;
}

static void limit(void)
{
	struct rlimit cpu = { MAX_CPU_S, MAX_CPU_S };
	struct rlimit core = { 0, 0 };

	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &core);
}

static void run_wait(struct run *run, pid_t child)
{
	int status = 0;

	waitpid(child, &status, 0);
	if (run->failed || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return;
	run->failed = true;
	if (WIFSIGNALED(status)) {
		snprintf(run->invariant, sizeof(run->invariant), "signal-%d", WTERMSIG(status));
		snprintf(run->message, sizeof(run->message), "the core did not survive this step");
	} else {
		snprintf(run->invariant, sizeof(run->invariant), "exit-%d", WEXITSTATUS(status));
		snprintf(run->message, sizeof(run->message), "a sanitizer or assert ended the run");
	}
}

/* Steps are noted before they are done, so that a crash is among them. */
static void step(struct world *world, const struct op *op)
{
	struct run *run = world->run;

	run->ops[run->n_ops++] = *op;
	op_run(world, op);
}

void run_random(struct run *run, const struct run_config *config, unsigned int steps, FILE *trace)
{
	struct prng prng = prng_make(config->seed, 2);
	struct world *world;
	pid_t child;

	run_clear(run, config);
	fflush(NULL);
	child = fork();
	if (child) {
		run_wait(run, child);
		return;
	}
	limit();
	world = world_create(run, trace);
	while (run->n_ops < steps && run->n_ops < MAX_OPS) {
		struct op op = op_random(world, &prng);

		step(world, &op);
	}
	world_end(world);
	fflush(NULL);
	_exit(0);
}

void run_replay(struct run *run, const struct run_config *config, const struct op *ops,
		unsigned int n_ops, FILE *trace)
{
	struct run_config kept = *config; /* may be the run's own */
	struct world *world;
	unsigned int i;
	pid_t child;

	run_clear(run, &kept);
	fflush(NULL);
	child = fork();
	if (child) {
		run_wait(run, child);
		return;
	}
	limit();
	world = world_create(run, trace);
	for (i = 0; i < n_ops; i++)
		step(world, &ops[i]);
	world_end(world);
	fflush(NULL);
	_exit(0);
}
