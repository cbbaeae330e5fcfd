/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * core.h - the core: which patches are enabled, and the transition between them.
 *
 * One struct lp_core per process (or kernel). All calls under the host's lock. The core is
 * deterministic: same calls and same answers of the host, same results.
 */
#ifndef LP_CORE_CORE_H
#define LP_CORE_CORE_H

#include "event.h"
#include "object.h"
#include "state.h"
#include "transition.h"
#include "undo.h"

#define LP_PASS_BUDGET_NS 10000000ull /* of work, then the lock is given up */
#define LP_PASS_INTERVAL_MIN_NS 1000000ull /* doubles up to ... */
#define LP_PASS_INTERVAL_MAX_NS 1000000000ull
#define LP_NUDGE_AFTER 3 /* passes a task may stay behind before it is nudged */
#define LP_FOREVER_NS ((uint64_t)-1) /* UINT64_MAX, which the kernel does not have */

/* What the core waits for: one callback, or (which == LP_CALLBACK_COUNT) shadow_free_all(). */
struct lp_calling {
	const struct lp_patch *patch; /* NULL: nothing */
	struct lp_callback_call call;
	uint64_t since_ns; /* monotonic */
};

struct lp_core {
	/* set by the caller of lp_core_init() */
	const struct lp_host *host;
	void *host_data;
	/* ours; read-only to the host */
	struct lp_list patches; /* enabled ones, in the order they were applied */
	struct lp_list sites;
	struct lp_transition transition;
	uint64_t epoch; /* of the last transition */
	struct lp_calling calling;
	struct lp_list undo; /* lp_patch.undo_link: what can be undone, the last one last */
	unsigned int n_undo;
	unsigned int undo_depth; /* so many at most; lp_core_set_undo_depth() */
};

struct lp_deadline {
	uint64_t timeout_ns; /* from now; 0: none */
	enum lp_on_timeout policy;
};

struct lp_apply_options {
	bool replace_conflicting; /* as if the patch said KLP_REPLACE */
	bool override; /* replace also what is not replaceable */
	struct lp_deadline deadline;
	bool no_undo; /* what it replaces is released, not kept */
	/*
	 * NULL, or where each weak conflict goes (LP_REASON_WEAK_CONFLICT: patch, object and
	 * function): a function of a replaced patch that the new one does not have, and that
	 * therefore goes back to the original. They are no reason to refuse.
	 */
	struct lp_report *weak;
};

void lp_core_init(struct lp_core *core, const struct lp_host *host, void *host_data);

/*
 * Would the patch be accepted? 0, or -ECANCELED with every reason in the report, or -EINVAL for
 * a malformed patch (LP_REASON_BAD_FILE reported), or -EBUSY (reported) while a transition is in
 * progress. Sets `leaving` on exactly the enabled patches that would be replaced, those that
 * forbid it included; not with -EBUSY: then `leaving` speaks of the transition. Changes nothing
 * else. options NULL: all off.
 */
int lp_core_check(struct lp_core *core, const struct lp_patch *patch,
		  const struct lp_apply_options *options, struct lp_report *report) LP_MUST_CHECK;

/*
 * Starts the transition to the patch. As lp_core_check(); -EBUSY (reported) while a transition is
 * in progress; or the negative errno of a failed host operation (LP_REASON_NO_MEMORY or SYSTEM is
 * reported unless the host's operation reported itself). Callbacks: a pre_patch that fails is
 * reported (LP_REASON_CALLBACK_FAILED) and -ECANCELED; those before it are undone. On any failure
 * the patch is the caller's still and nothing has changed. On success the core has it until
 * host->patch_release().
 */
int lp_core_apply(struct lp_core *core, struct lp_patch *patch,
		  const struct lp_apply_options *options, struct lp_report *report) LP_MUST_CHECK;

/* Starts the transition that takes the patch out. Failures as above. deadline NULL: none. */
int lp_core_disable(struct lp_core *core, const char *name, const struct lp_deadline *deadline,
		    struct lp_report *report) LP_MUST_CHECK;

/*
 * Turns the transition in progress around. Twice: on its way again. -ENOENT (reported): none;
 * -ECANCELED (reported): a state that it introduces has block_disable; -EBUSY (reported): it is
 * finishing; the errno of host->target() (reported): nothing has changed.
 */
int lp_core_reverse(struct lp_core *core, struct lp_report *report) LP_MUST_CHECK;

/*
 * Sets every task to the target. The patches whose code tasks may still be in are pinned and marked
 * forced. As many as can be set within LP_PASS_BUDGET_NS are set at once (mostly: all, and then the
 * transition is over), the others by the next calls of lp_core_pass(). -ENOENT (reported): no
 * transition; -EAGAIN (not reported): the entries are not written yet; -EBUSY (reported): it is
 * finishing; the errno of host->tasks_begin() (reported): nothing has changed.
 */
int lp_core_force(struct lp_core *core, struct lp_report *report) LP_MUST_CHECK;

/* The operator's switch. -ENOENT (reported): no such patch. */
int lp_core_set_replaceable(struct lp_core *core, const char *name, bool replaceable,
			    struct lp_report *report) LP_MUST_CHECK;

/*
 * Does what is due: at most LP_PASS_BUDGET_NS of work. Returns in how many nanoseconds it wants to
 * be called again: 0 = at once (give up the lock in between), LP_FOREVER_NS = when there is a
 * transition again. To be called after each start and reverse; earlier calls do no harm.
 * A transition that completes also runs its callbacks; while one runs, a call does nothing but ask
 * to be called later.
 */
uint64_t lp_core_pass(struct lp_core *core);

/*
 * The enabled patch of this name, or NULL. While a patch replaces an older one of its own name: the
 * newer.
 */
struct lp_patch *lp_core_find(const struct lp_core *core, const char *name);

/*
 * For klp_transition_complete(): true when no task runs anything older than the patch, and none
 * will. From the patch's own post_patch on; false before, and from the start of the transition that
 * takes it out (tasks may run what it took the place of again).
 */
bool lp_patch_is_complete(const struct lp_core *core, const struct lp_patch *patch);

#endif
