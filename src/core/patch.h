/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * patch.h - a patch: what the host hands to the core, and what the core knows of it.
 *
 *	enabled  in_transition   meaning
 *	0        0               the core does not know it (before apply, after release)
 *	1        1               applying, or disabling/being replaced: see the transition
 *	1        0               enabled, settled
 *
 * The host allocates struct lp_patch with its arrays and owns them; between a successful
 * lp_core_apply() and host->patch_release() the core reads and writes them.
 */
#ifndef LP_CORE_PATCH_H
#define LP_CORE_PATCH_H

#include "host.h"
#include "list.h"
#include "reason.h"

/* One function that a patch replaces. Identity: (object, name, sympos; 0 and 1 are alike). */
struct lp_function {
	/* set by the host */
	const char *object; /* NULL: the program */
	const char *name;
	uint32_t sympos;
	void *host; /* its own data: addresses, entry */
	/* ours */
	struct lp_patch *patch;
	struct lp_site *site; /* while the patch is enabled */
	struct lp_function *reverted; /* unused here; the host may chain nops */
	uint32_t hash, bucket, chain; /* index of the patch's functions, made by validate */
};

#define LP_PATCH_STATES_MAX 1024

struct lp_patch_state {
	uint64_t id;
	uint32_t version;
};

struct lp_patch {
	/* set by the host, constant */
	const char *name;
	uint64_t provides;
	const uint64_t *obsoletes;
	unsigned int n_obsoletes;
	bool replace; /* every enabled patch */
	bool conflicts_replace;
	const char *const *requires;
	unsigned int n_requires;
	struct lp_function *functions;
	unsigned int n_functions;
	const struct lp_patch_state *states;
	unsigned int n_states;
	void *host;
	/* set by the host, may change */
	bool replaceable;
	/* ours; false when the host hands the patch over */
	bool enabled;
	bool in_transition;
	bool forced; /* a transition of it was forced */
	bool pinned; /* its code stays mapped for good; the host may set it too */
	bool leaving; /* the transition in progress takes it out */
	struct lp_list link; /* core->patches, in the order they were applied */
};

/*
 * Checks the structure alone: names present and not empty, at least one function, no function
 * twice, no state twice or with id 0, at most LP_PATCH_STATES_MAX states. 0 or -EINVAL. Builds
 * the index for lp_patch_find() in the functions.
 */
int lp_patch_validate(const struct lp_patch *patch) LP_MUST_CHECK;

bool lp_function_same(const struct lp_function *a, const struct lp_function *b);
/* the function of this identity in the (validated) patch, or NULL */
struct lp_function *lp_patch_find(const struct lp_patch *patch, const struct lp_function *function);
/* the state of this id in the patch, or NULL */
const struct lp_patch_state *lp_patch_find_state(const struct lp_patch *patch, uint64_t id);

#endif
