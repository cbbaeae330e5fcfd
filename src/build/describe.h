/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * describe.h - what the author's structures (suture/livepatch.h) say, read out of the object file.
 * Strings belong to the object.
 */
#ifndef LP_BUILD_DESCRIBE_H
#define LP_BUILD_DESCRIBE_H

#include <suture/lpfile.h>

#include "../elf/file.h"
#include "relobj.h"

struct lp_described_function {
	const char *name;
	unsigned long sympos;
	uint32_t new_symbol; /* index of a function symbol */
	const struct lp_elf_symbol *old; /* the original, if it is known already; else NULL */
	/*
	 * Written by hand: the object file with the debug information of the replacement. NULL:
	 * compiled together with the callers that know more of the original than its interface.
	 */
	const char *object_path;
};

struct lp_described_object {
	const char *name; /* NULL: the program */
	struct lp_described_function *functions;
	size_t n_functions;
	uint32_t callbacks[LP_FILE_CALLBACKS]; /* indices of function symbols, 0: none */
};

struct lp_described_state {
	uint64_t id;
	uint32_t version;
	bool is_shadow;
	bool block_disable;
	uint32_t callbacks[LP_FILE_CALLBACKS];
	uint32_t shadow_dtor;
};

struct lp_described_extern {
	const char *local;
	const char *object; /* NULL: the program */
	const char *name;
	unsigned long sympos;
};

struct lp_description {
	const char *name; /* NULL: not given */
	const char *description;
	struct lp_described_object *objects;
	size_t n_objects;
	struct lp_described_state *states;
	size_t n_states;
	struct lp_described_extern *externs;
	size_t n_externs;
	uint64_t *obsoletes;
	size_t n_obsoletes;
	const char **required; /* names of patches */
	size_t n_required;
	const char **holds; /* names of functions */
	size_t n_holds;
	uint64_t provides;
	bool replace;
	bool replaceable;
	bool conflicts_replace;
};

/*
 * Reads them and marks the relocations that it follows as descriptive. object_path: the file of
 * obj, borrowed. added: the object is only part of a patch, and needs neither a KLP_PATCH() nor
 * functions to replace. 0, -ECANCELED, -ENOMEM. To be closed also after a failure.
 */
int lp_description_open(struct lp_description *description, struct lp_relobj *obj,
			const char *object_path, bool added, struct lp_build_refusal *refusal);
void lp_description_close(struct lp_description *description);

#endif
