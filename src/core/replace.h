/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * replace.h - which enabled patches a new one takes the place of, and which forbid it.
 * Inside the core, outside of a transition only.
 */
#ifndef LP_CORE_REPLACE_H
#define LP_CORE_REPLACE_H

#include "core.h"

/*
 * Sets `leaving` on exactly the enabled patches that the valid patch would replace, and reports
 * every reason against it. True: there is none.
 */
bool lp_replace_check(struct lp_core *core, const struct lp_patch *patch,
		      const struct lp_apply_options *options, struct lp_report *report);
/* Reports everything against taking the enabled patch out. True: there is nothing. */
bool lp_replace_check_disable(struct lp_core *core, const struct lp_patch *patch,
			      struct lp_report *report);
/*
 * Reports everything against taking the enabled patch out and bringing those back that it replaced.
 * Sets `leaving` on that patch alone. True: there is nothing.
 */
bool lp_replace_check_undo(struct lp_core *core, struct lp_patch *patch, struct lp_report *report);
/*
 * Rule 6: reports the functions that go back to the original, of the patches with `leaving`, in
 * their order.
 */
void lp_replace_weak(const struct lp_core *core, const struct lp_patch *patch,
		     struct lp_report *weak);
/* Sets `leaving` on no patch. */
void lp_replace_clear(struct lp_core *core);

#endif
