/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

static void hash_add(struct world *world, const char *text)
{
	uint64_t hash = world->run->hash ? world->run->hash : 0xcbf29ce484222325ull;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ull;
	world->run->hash = hash;
}

void world_tell(struct world *world, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	hash_add(world, text);
	if (world->trace)
		fprintf(world->trace, "%s\n", text);
}

void world_violation(struct world *world, const char *invariant, const char *format, ...)
{
	struct run *run = world->run;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(run->message, sizeof(run->message), format, arguments);
	va_end(arguments);
	snprintf(run->invariant, sizeof(run->invariant), "%s", invariant);
	run->failed = true;
	if (world->trace)
		fprintf(world->trace, "VIOLATION %s: %s\n", invariant, run->message);
	fflush(NULL);
	_exit(0);
}

bool world_fails(struct world *world)
{
	if (!world->fail_at || --world->fail_at)
		return false;
	world->failed = true;
	return true;
}

bool world_unlucky(struct world *world, unsigned int once_in)
{
	return world->luck_on && prng_once_in(&world->luck, once_in);
}

/* How many tasks there are, how much they do between requests, ... */
static void character(struct world *world, struct prng *prng)
{
	static const unsigned int tasks[] = { 3, 8, 30, 100, 250, 400 };
	static const unsigned int pass_every[] = { 4, 10, 25, 60 };
	static const unsigned int request_every[] = { 12, 60, 300, 1000 };
	static const unsigned int try_cost_ns[] = { 1000, 100000, 1000000, 9000000 };
	unsigned int n = tasks[prng_below(prng, 6)];

	n += prng_below(prng, n / 2);
	if (world->run->config.tasks)
		n = world->run->config.tasks;
	world->run->tasks = n < MAX_TASKS ? n : MAX_TASKS;
	world->limit = world->run->tasks + world->run->tasks / 4 + 4;
	if (world->limit > MAX_TASKS)
		world->limit = MAX_TASKS;
	world->birth_inherits = prng_once_in(prng, 2);
	world->stir_every = 2 + prng_below(prng, 40);
	world->fix_size = 1 + prng_below(prng, MAX_FIX_FUNCTIONS);
	world->pass_every = pass_every[prng_below(prng, 4)];
	world->request_every = request_every[prng_below(prng, 4)];
	/* the dearer, the fewer tasks in one call of lp_core_pass() */
	world->try_cost_ns = try_cost_ns[prng_below(prng, 4)];
	/* a function that never returns may be patched, and then only force ends the transition */
	world->daemon_function = prng_once_in(prng, 4) ? 0 : world->program.n_functions - 1;
	if (world->daemon_function)
		world->program.functions[world->daemon_function].patchable = false;
	world->daemon_function %= world->program.n_functions;
}

static void tasks_create(struct world *world)
{
	unsigned int i;

	for (i = 0; i < world->run->tasks; i++) {
		world->tasks[i].alive = true;
		world->oracle.watch[i].known = world->oracle.watch[i].clean = true;
	}
	world->n_alive = world->run->tasks;
}

struct world *world_create(struct run *run, FILE *trace)
{
	struct world *world = calloc(1, sizeof(*world));
	struct prng prng = prng_make(run->config.seed, 1);

	if (!world)
		abort();
	world->run = run;
	world->trace = trace;
	world->host.now_ns = 1000;
	program_init(&world->program, &prng);
	character(world, &prng);
	tasks_create(world);
	lp_core_init(&world->core, &sim_host, world);
	world->oracle.undo_depth = world->core.undo_depth;
	return world;
}
