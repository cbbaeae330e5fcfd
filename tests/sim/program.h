/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * program.h - the program that is patched: objects that come and go, and their functions. A
 * function is known everywhere by its number; (object, name, sympos) is what the core sees.
 */
#ifndef SIM_PROGRAM_H
#define SIM_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "prng.h"

#define MAX_OBJECTS 5
#define MAX_FUNCTIONS 64

struct object {
	char name[16]; /* "" is the program */
	bool present;
	bool arriving; /* the core is being told that it comes */
	bool draining; /* nobody calls into it any more: it wants to go */
};

struct function {
	char name[16];
	unsigned int object;
	uint32_t sympos; /* 1 or 2 */
	bool patchable; /* patches choose from these */
};

struct program {
	struct object objects[MAX_OBJECTS];
	unsigned int n_objects;
	struct function functions[MAX_FUNCTIONS];
	unsigned int n_functions;
};

void program_init(struct program *program, struct prng *prng);
/* NULL: the program itself, as in the core */
const char *program_object_name(const struct program *program, unsigned int object);
bool program_is_present(const struct program *program, unsigned int function);
bool program_is_callable(const struct program *program, unsigned int function);

#endif
