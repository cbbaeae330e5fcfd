/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fix.h"

#include <stdlib.h>
#include <string.h>

#include "world.h"

/* Features that the shrinker can take away, bit by bit. */
enum plain {
	PLAIN_STATES = 1,
	PLAIN_HOLDS = 2,
	PLAIN_OBJECTS = 4,
	PLAIN_SCOPES = 8,
	PLAIN_REQUIRES = 16,
	PLAIN_FUNCTIONS = 32,
	PLAIN_CALLBACKS = 64,
};

static const char *const names[N_NAMES] = { "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7" };

const char *fix_name(unsigned int number)
{
	return names[number % N_NAMES];
}

unsigned int fix_name_number(const struct fix *fix)
{
	return (unsigned int)(fix->truth.name[1] - '0');
}

struct fix *fix_of(const struct lp_patch *patch)
{
	return patch ? patch->host : NULL;
}

uint32_t fix_serial(const struct lp_function *function)
{
	return function ? ((struct fix *)function->patch->host)->serial : 0;
}

bool fix_has_function(const struct fix *fix, unsigned int function)
{
	unsigned int i;

	for (i = 0; i < fix->truth.n_functions; i++) {
		if (fix->truth.functions[i] == function)
			return true;
	}
	return false;
}

const struct lp_patch_state *fix_state(const struct fix *fix, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < fix->truth.n_states; i++) {
		if (fix->truth.states[i].id == id)
			return &fix->truth.states[i];
	}
	return NULL;
}

static bool truth_holds(const struct fix_truth *truth, unsigned int function)
{
	unsigned int i;

	for (i = 0; i < truth->n_holds; i++) {
		if (truth->holds[i] == function)
			return true;
	}
	return false;
}

static void choose_functions(struct world *world, struct fix *fix, struct prng *prng)
{
	unsigned int tries, wanted = 1 + prng_below(prng, world->fix_size);

	for (tries = 0; tries < 40 && fix->truth.n_functions < wanted; tries++) {
		unsigned int function = prng_below(prng, world->program.n_functions);

		if (world->program.functions[function].patchable &&
		    !fix_has_function(fix, function))
			fix->truth.functions[fix->truth.n_functions++] = (uint8_t)function;
	}
	if (!fix->truth.n_functions)
		fix->truth.functions[fix->truth.n_functions++] = 0;
}

static void choose_holds(struct world *world, struct fix *fix, struct prng *prng)
{
	struct fix_truth *truth = &fix->truth;
	unsigned int i, wanted = prng_once_in(prng, 3) ? 1 + prng_below(prng, MAX_FIX_HOLDS) : 0;

	for (i = 0; i < wanted; i++) {
		unsigned int function = prng_below(prng, world->program.n_functions);

		if (!fix_has_function(fix, function) && !truth_holds(truth, function))
			truth->holds[truth->n_holds++] = (uint8_t)function;
	}
}

static void choose_states(struct fix *fix, struct prng *prng)
{
	struct fix_truth *truth = &fix->truth;
	unsigned int i, wanted = prng_once_in(prng, 2) ? 1 + prng_below(prng, MAX_FIX_STATES) : 0;

	for (i = 0; i < wanted; i++) {
		uint64_t id = 1 + prng_below(prng, N_STATES);
		struct lp_patch_state *state = &truth->states[truth->n_states];

		if (fix_state(fix, id))
			continue;
		state->id = id;
		state->version = 1 + prng_below(prng, 3) / 2;
		state->callbacks = (uint8_t)prng_below(prng, 1u << LP_CALLBACK_COUNT);
		state->is_shadow = prng_once_in(prng, 3);
		state->block_disable = prng_once_in(prng, 40);
		truth->n_states++;
	}
}

/* Some patches say nothing of the program, which never goes; all tell of what may go. */
static void choose_objects(struct fix *fix, struct prng *prng, unsigned int plain)
{
	unsigned int i;

	fix->truth.program_untold = prng_once_in(prng, 4);
	for (i = 0; i < MAX_OBJECTS; i++) {
		uint8_t callbacks = (uint8_t)prng_below(prng, 1u << LP_CALLBACK_COUNT);

		fix->truth.object_callbacks[i] = plain & PLAIN_OBJECTS ? 0 : callbacks;
	}
}

static void choose_scopes(struct fix *fix, struct prng *prng)
{
	struct fix_truth *truth = &fix->truth;
	unsigned int i, wanted = prng_once_in(prng, 3) ? 1 + prng_below(prng, MAX_FIX_NAMES) : 0;

	truth->provides = prng_below(prng, N_SCOPES);
	for (i = 0; i < wanted; i++)
		truth->obsoletes[truth->n_obsoletes++] = prng_below(prng, N_SCOPES);
	truth->replace = prng_once_in(prng, 8);
	truth->conflicts_replace = prng_once_in(prng, 3);
	truth->replaceable = !prng_once_in(prng, 16);
}

static void choose_requires(struct fix *fix, struct prng *prng)
{
	struct fix_truth *truth = &fix->truth;

	if (prng_once_in(prng, 6))
		truth->requires[truth->n_requires++] = prng_below(prng, N_NAMES);
}

static void choose(struct world *world, struct fix *fix, struct prng *prng, unsigned int plain)
{
	struct fix_truth *truth = &fix->truth;
	unsigned int i;

	memcpy(truth->name, fix_name(prng_below(prng, N_NAMES)), 3);
	choose_functions(world, fix, prng);
	choose_holds(world, fix, prng);
	choose_states(fix, prng);
	choose_objects(fix, prng, plain);
	choose_scopes(fix, prng);
	choose_requires(fix, prng);
	truth->pinned = prng_once_in(prng, 16); /* by the host: it takes addresses of its own */
	truth->malformed = prng_once_in(prng, 50);
	if (plain & PLAIN_STATES)
		truth->n_states = 0;
	if (plain & PLAIN_HOLDS)
		truth->n_holds = 0;
	if (plain & PLAIN_SCOPES) {
		truth->n_obsoletes = 0;
		truth->replace = false;
		truth->replaceable = true;
	}
	if (plain & PLAIN_REQUIRES)
		truth->n_requires = 0;
	if (plain & PLAIN_FUNCTIONS)
		truth->n_functions = 1;
	for (i = 0; i < truth->n_states && (plain & PLAIN_CALLBACKS); i++)
		truth->states[i].callbacks = 0;
}

static void identity(struct world *world, unsigned int function, const char **object,
		     const char **name, uint32_t *sympos)
{
	const struct function *of = &world->program.functions[function];

	*object = program_object_name(&world->program, of->object);
	*name = of->name;
	*sympos = of->sympos;
}

static void fill_objects(struct world *world, struct fix *fix)
{
	struct lp_patch *patch = &fix->patch;
	unsigned int i, object;

	for (i = 0; i < fix->truth.n_functions; i++) {
		object = world->program.functions[fix->truth.functions[i]].object;
		if (fix->truth.object_told[object] || (!object && fix->truth.program_untold))
			continue;
		fix->truth.object_told[object] = true;
		patch->objects[patch->n_objects++] = (struct lp_patch_object){
			.name = program_object_name(&world->program, object),
			.callbacks = fix->truth.object_callbacks[object],
			.present = world->program.objects[object].present,
			.host = (void *)(uintptr_t)object,
		};
	}
}

static void fill_arrays(struct world *world, struct fix *fix)
{
	const struct fix_truth *truth = &fix->truth;
	unsigned int i;

	for (i = 0; i < truth->n_functions; i++) {
		struct lp_function *function = &fix->functions[i];

		identity(world, truth->functions[i], &function->object, &function->name,
			 &function->sympos);
		/* 0 and 1 mean the same */
		if (function->sympos == 1 && (fix->serial + i) % 2)
			function->sympos = 0;
		function->host = (void *)(uintptr_t)truth->functions[i];
	}
	for (i = 0; i < truth->n_holds; i++) {
		struct lp_hold *hold = &fix->holds[i];

		identity(world, truth->holds[i], &hold->object, &hold->name, &hold->sympos);
		hold->host = (void *)(uintptr_t)truth->holds[i];
	}
	for (i = 0; i < truth->n_requires; i++)
		fix->requires[i] = fix_name(truth->requires[i]);
	memcpy(fix->obsoletes, truth->obsoletes, sizeof(fix->obsoletes));
	memcpy(fix->states, truth->states, sizeof(fix->states));
}

/* One thing wrong with it, another one each time. */
static void spoil(struct fix *fix, uint32_t seed)
{
	struct lp_patch *patch = &fix->patch;

	switch (seed % 5) {
	case 0:
		patch->name = "";
		break;
	case 1:
		patch->n_functions = 0;
		break;
	case 2:
		patch->functions[0].name = NULL;
		break;
	case 3:
		patch->functions[1] = patch->functions[0];
		patch->n_functions = 2;
		break;
	default:
		patch->states = NULL;
		patch->n_states = 1;
		break;
	}
}

static void fill(struct world *world, struct fix *fix, uint32_t seed)
{
	const struct fix_truth *truth = &fix->truth;

	memcpy(fix->name, truth->name, sizeof(fix->name));
	fix->patch = (struct lp_patch){
		.name = fix->name,
		.provides = truth->provides,
		.obsoletes = fix->obsoletes,
		.n_obsoletes = truth->n_obsoletes,
		.replace = truth->replace,
		.conflicts_replace = truth->conflicts_replace,
		.requires = fix->requires,
		.n_requires = truth->n_requires,
		.functions = fix->functions,
		.n_functions = truth->n_functions,
		.states = fix->states,
		.n_states = truth->n_states,
		.host = fix,
		.replaceable = truth->replaceable,
		.pinned = truth->pinned,
		.objects = fix->objects,
		.holds = fix->holds,
		.n_holds = truth->n_holds,
	};
	fill_arrays(world, fix);
	fill_objects(world, fix);
	if (truth->malformed)
		spoil(fix, seed);
}

struct fix *fix_create(struct world *world, uint32_t seed, unsigned int plain)
{
	struct prng prng = prng_make(world->run->config.seed, 0x100000000ull + seed);
	struct fix *fix = calloc(1, sizeof(*fix));

	if (!fix || world->n_fixes + 1 >= MAX_FIXES)
		abort();
	fix->serial = ++world->n_fixes;
	world->fixes[fix->serial] = fix;
	choose(world, fix, &prng, plain);
	fill(world, fix, seed);
	return fix;
}

void fix_destroy(struct world *world, struct fix *fix)
{
	world->fixes[fix->serial] = NULL;
	memset(fix, 0xdb, sizeof(*fix));
	free(fix);
}

void fix_poison(struct fix *fix)
{
	size_t kept = offsetof(struct fix, name);

	memset((char *)fix + kept, 0xdb, sizeof(*fix) - kept);
}
