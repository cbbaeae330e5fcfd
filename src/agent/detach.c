/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "detach.h"

#include <errno.h>

#include "clock.h"
#include "grave.h"
#include "loaded.h"
#include "nudge.h"

/* a client that is told "in-use" helps with the tasks it is about, and asks again */
#define LIMIT_NS 2000000000ull
#define STEP_NS 1000000ull

static bool sweep_all(struct lp_agent *agent, uint64_t until_ns)
{
	while (!lp_grave_sweep(&agent->quiesce, &agent->space, agent->text_lo, agent->text_hi)) {
		if (lp_clock_ns() >= until_ns)
			return false;
		lp_clock_pause(STEP_NS);
	}
	return true;
}

static bool leave_handler(uint64_t until_ns)
{
	lp_nudge_deinit();
	while (lp_nudge_in_handler()) {
		if (lp_clock_ns() >= until_ns)
			return false;
		lp_clock_pause(STEP_NS);
	}
	return true;
}

static int refuse(struct lp_report *report, enum lp_reason reason, const char *patch)
{
	lp_report_add(report, (struct lp_refusal){ .reason = reason, .patch = patch });
	return -ECANCELED;
}

int lp_detach(struct lp_agent *agent, struct lp_report *report)
{
	uint64_t until_ns = lp_clock_ns() + LIMIT_NS;

	if (agent->core.transition.phase != LP_PHASE_IDLE)
		return refuse(report, LP_REASON_BUSY_TRANSITION,
			      agent->core.transition.patch->name);
	if (!lp_list_empty(&agent->core.patches))
		return refuse(report, LP_REASON_PATCH_ENABLED,
			      lp_list_entry(agent->core.patches.next, struct lp_patch, link)->name);
	if (lp_core_forget(&agent->core) < 0)
		return refuse(report, LP_REASON_BUSY_TRANSITION, NULL);
	if (!sweep_all(agent, until_ns))
		return refuse(report, LP_REASON_IN_USE, NULL);
	if (lp_loaded_first())
		return refuse(report, LP_REASON_PINNED, lp_loaded_first()->core.name);
	if (!leave_handler(until_ns))
		return refuse(report, LP_REASON_IN_USE, NULL);
	agent->detached = true;
	return 0;
}
