/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* callback.h - running one callback of an author, and telling of it. Inside the core. */
#ifndef LP_CORE_CALLBACK_H
#define LP_CORE_CALLBACK_H

#include "core.h"

/*
 * Calls it if the author gave it and the host can. 0, or for LP_PRE_PATCH what it returned if that
 * is negative (anything else but 0 is -EINVAL).
 */
int lp_callback_state(struct lp_core *core, struct lp_patch *patch,
		      const struct lp_patch_state *state, enum lp_callback which);
int lp_callback_object(struct lp_core *core, struct lp_patch *patch, struct lp_patch_object *object,
		       enum lp_callback which);
/* The state is gone: frees its shadow variables if it has them. */
void lp_callback_shadow_free(struct lp_core *core, struct lp_patch *patch,
			     const struct lp_patch_state *state);
/* Why the load, or the object, is refused. */
void lp_callback_report(struct lp_report *report, const struct lp_patch *patch,
			const struct lp_callback_call *call, int error);

#endif
