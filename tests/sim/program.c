/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "program.h"

#include <stdio.h>
#include <string.h>

static void function_init(struct program *program, unsigned int i, struct prng *prng)
{
	struct function *function = &program->functions[i];
	unsigned int same = i / program->n_objects;

	function->object = i % program->n_objects;
	/* names repeat: in each object, and twice in one object (a second symbol of that name) */
	function->sympos = same % 3 == 2 ? 2 : 1;
	snprintf(function->name, sizeof(function->name), "f%u", same % 3 == 2 ? same - 1 : same);
	function->patchable = !prng_once_in(prng, 3);
}

void program_init(struct program *program, struct prng *prng)
{
	unsigned int i;

	memset(program, 0, sizeof(*program));
	program->n_objects = 1 + prng_below(prng, MAX_OBJECTS);
	program->n_functions = program->n_objects * (2 + prng_below(prng, 11));
	for (i = 0; i < program->n_objects; i++) {
		program->objects[i].present = i == 0 || !prng_once_in(prng, 3);
		if (i)
			snprintf(program->objects[i].name, sizeof(program->objects[i].name),
				 "lib%u", i);
	}
	for (i = 0; i < program->n_functions; i++)
		function_init(program, i, prng);
	program->functions[0].patchable = true;
}

const char *program_object_name(const struct program *program, unsigned int object)
{
	return object ? program->objects[object].name : NULL;
}

bool program_is_present(const struct program *program, unsigned int function)
{
	return program->objects[program->functions[function].object].present;
}

bool program_is_callable(const struct program *program, unsigned int function)
{
	const struct object *object = &program->objects[program->functions[function].object];

	return object->present && !object->draining;
}
