/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * patch.h - a patch: what the host hands to the core, and what the core knows of it.
 *
 *	enabled  in_transition   meaning
 *	0        0               the core does not know it (before apply, after release)
 *	1        1               applying, or disabling/being replaced: see the transition
 *	1        0               enabled, settled
 *	0        0, kept         replaced, and undo can bring it back
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
	struct lp_patch_object *owner; /* of `object` in the patch; NULL: it was not told */
};

/* The callbacks that an author can give to a state or an object. */
enum lp_callback {
	LP_PRE_PATCH, /* may fail, and then the load is refused */
	LP_POST_PATCH,
	LP_PRE_UNPATCH,
	LP_POST_UNPATCH,
	LP_CALLBACK_COUNT
};

/* "pre_patch" ...; never NULL, also for a value out of range */
const char *lp_callback_word(enum lp_callback which);

/*
 * A file that the patch has functions for. A patch tells of all of its objects or of some or of
 * none: an object that is not told of is taken for present, and has no callbacks.
 */
struct lp_patch_object {
	/* set by the host */
	const char *name; /* as lp_function.object; NULL: the program */
	uint8_t callbacks; /* 1 << enum lp_callback: given by the author */
	bool present; /* is it in the target? The core keeps it up to date from apply on */
	void *host;
	/* ours */
	bool pre_patched; /* pre_patch was called, or not given, and has not been undone */
	bool owed; /* a pre_ of this transition waits for its post_ */
	bool coming; /* lp_core_object_coming() is at it */
};

/*
 * A function that is not changed, but must not be on a stack when its task switches. Identity as
 * lp_function.
 */
struct lp_hold {
	/* set by the host */
	const char *object;
	const char *name;
	uint32_t sympos;
	void *host;
	/* ours, in a transition of the patch */
	struct lp_list transition_link; /* lp_transition.holds */
	/*
	 * The version of it that an enabled patch outside of the transition put in place, or NULL:
	 * its code must not be on a stack either.
	 */
	const struct lp_function *function;
};

#define LP_PATCH_OBJECTS_MAX 1024
#define LP_PATCH_HOLDS_MAX 4096

#define LP_PATCH_STATES_MAX 1024

struct lp_patch_state {
	uint64_t id;
	uint32_t version;
	uint8_t callbacks; /* 1 << enum lp_callback: given by the author */
	bool is_shadow; /* its shadow variables go with it: host->shadow_free_all() */
	bool block_disable; /* cannot go by disable, reverse, undo, or a patch without it */
	void *host;
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
	struct lp_list link; /* core->patches, in the order they were applied; or, of a kept
				one, `replaced` of the patch that replaced it */
	/* set by the host, constant (here because older hosts do not know of them) */
	struct lp_patch_object *objects;
	unsigned int n_objects;
	struct lp_hold *holds;
	unsigned int n_holds;
	/* ours */
	bool coming; /* the transition in progress brings it in */
	bool kept; /* not enabled; undo can bring it back */
	struct lp_list transition_link; /* lp_transition.coming or .leaving */
	struct lp_list replaced; /* kept patches (by link) that undo of this one brings back */
	struct lp_list undo_link; /* core->undo while `replaced` is not empty, or empty */
};

/*
 * Checks the structure alone: names present and not empty, at least one function, no function
 * twice, no state twice or with id 0, at most LP_PATCH_STATES_MAX states; the same of objects and
 * holds. 0 or -EINVAL. Builds the index for lp_patch_find() in the functions, and their owners.
 */
int lp_patch_validate(const struct lp_patch *patch) LP_MUST_CHECK;

bool lp_function_same(const struct lp_function *a, const struct lp_function *b);
/* the function of this identity in the (validated) patch, or NULL */
struct lp_function *lp_patch_find(const struct lp_patch *patch, const struct lp_function *function);
/* the object of this name in the patch, or NULL; name NULL: the program */
struct lp_patch_object *lp_patch_find_object(const struct lp_patch *patch, const char *name);
/* Is the function's object in the target, as far as the patch tells? */
bool lp_function_present(const struct lp_function *function);
/* the state of this id in the patch, or NULL */
const struct lp_patch_state *lp_patch_find_state(const struct lp_patch *patch, uint64_t id);

#endif
