/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entries.h - writing the jumps into the entries of a transition's sites. Agent's thread only.
 *
 * An entry of several instructions is closed (`jmp .`) until every task has been seen outside of the
 * others; agent.md, "Entries".
 */
#ifndef LP_AGENT_ENTRIES_H
#define LP_AGENT_ENTRIES_H

#include "../core/core.h"
#include "quiesce.h"

#define lp_for_each_site(site, tr) lp_list_for_each(site, &(tr)->sites, transition_link)

/*
 * 0: every call of the sites goes by its slot. -EAGAIN: a task stayed in a closed entry for as long as this
 * try allows, the more `tries` there were the longer; *verdict says so. Another negative errno: a text
 * could not be written. After a failure no entry is closed. How long entries were closed is
 * added to *pause_us.
 */
int lp_entries_redirect(const struct lp_transition *tr, unsigned int tries,
			struct lp_quiesce *quiesce, const struct lp_unwind_space *space,
			uint64_t *pause_us, struct lp_verdict *verdict);

#endif
