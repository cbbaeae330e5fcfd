/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pass.h"

#include "blocker.h"

static uint64_t pass_now(const struct lp_core *core)
{
	return core->host->now_ns(core->host_data);
}

static void pass_back_off(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;

	tr->next_pass_ns = pass_now(core) + tr->interval_ns;
	tr->interval_ns *= 2;
	if (tr->interval_ns > LP_PASS_INTERVAL_MAX_NS)
		tr->interval_ns = LP_PASS_INTERVAL_MAX_NS;
}

/*
 * The policy is about the direction that was asked for: a transition that is on its way back is
 * neither turned around again nor forced. What could not be done yet (the entries are not
 * written, the host has no memory) is still owed, and tried again with the next call.
 */
static void deadline_act(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_report unheard = { 0 };
	bool acted = tr->reversed;

	/* a state that must stay will not let it go tomorrow either */
	if (!acted && tr->on_timeout == LP_TIMEOUT_REVERSE)
		acted = !lp_state_check_reverse(core, &unheard) || !lp_transition_reverse(core);
	else if (!acted && tr->on_timeout == LP_TIMEOUT_FORCE && tr->phase == LP_PHASE_SWITCH)
		acted = lp_transition_force(core) == 0;
	if (acted)
		tr->on_timeout = LP_TIMEOUT_LEAVE;
}

static void deadline_check(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;

	if (!tr->timed_out) {
		if (!tr->deadline_ns || pass_now(core) < tr->deadline_ns)
			return;
		tr->timed_out = true;
		lp_event_emit(core, LP_EVENT_TIMEOUT, tr->patch, 0);
	}
	deadline_act(core);
}

/* True: all sites ask now. */
static bool redirect_try(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_verdict verdict = { 0 };
	int error;

	error = core->host->redirect(core->host_data, tr, &verdict);
	if (error == -EAGAIN) {
		lp_blocker_update(core, 0, &verdict);
		pass_back_off(core);
		return false;
	}
	if (error) {
		lp_transition_abandon(core);
		return false;
	}
	lp_blocker_clear(core);
	tr->phase = LP_PHASE_SWITCH;
	tr->interval_ns = LP_PASS_INTERVAL_MIN_NS;
	lp_event_emit(core, LP_EVENT_REDIRECTED, tr->patch, 0);
	return true;
}

static void task_switched(struct lp_core *core, int64_t tid)
{
	struct lp_transition *tr = &core->transition;
	bool was_busy = lp_blocker_remove(core, tid);

	tr->listed_tasks++;
	tr->switched_tasks++;
	/* told once: at the first look at it, or when it no longer stays behind */
	if (was_busy || tr->fresh)
		lp_event_emit(core, LP_EVENT_SWITCH, tr->patch, tid);
}

static void task_busy(struct lp_core *core, int64_t tid, const struct lp_verdict *verdict)
{
	struct lp_transition *tr = &core->transition;
	unsigned int tries = lp_blocker_update(core, tid, verdict);

	tr->listed_tasks++;
	/* without a record of its own, the transition's count has to do */
	if (!tries)
		tries = tr->passes + 1;
	if (tries <= LP_NUDGE_AFTER)
		return;
	lp_event_emit(core, LP_EVENT_NUDGE, tr->patch, tid);
	core->host->task_nudge(core->host_data, tid);
}

static void task_try(struct lp_core *core, int64_t tid)
{
	struct lp_transition *tr = &core->transition;
	struct lp_verdict verdict = { 0 };

	switch (core->host->task_try_switch(core->host_data, tr, tid, &verdict)) {
	case LP_SWITCHED:
		task_switched(core, tid);
		break;
	case LP_GONE:
		lp_blocker_remove(core, tid);
		break;
	case LP_BUSY:
	default: /* an answer we do not know is not a switch */
		task_busy(core, tid, &verdict);
		break;
	}
}

/* Whatever it does. That it no longer exists is the only way not to be set. */
static void task_force(struct lp_core *core, int64_t tid)
{
	struct lp_transition *tr = &core->transition;

	if (core->host->task_force(core->host_data, tr, tid))
		return;
	tr->listed_tasks++;
	tr->switched_tasks++;
}

static bool pass_begin(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;

	if (tr->listed)
		return true;
	if (core->host->tasks_begin(core->host_data) < 0) {
		pass_back_off(core);
		return false;
	}
	tr->listed = true;
	tr->listed_tasks = 0;
	tr->switched_tasks = 0;
	return true;
}

static void pass_end(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;

	lp_blocker_expire(core);
	tr->listed = false;
	tr->fresh = false;
	tr->passes++;
	tr->n_tasks = tr->listed_tasks;
	tr->n_switched = tr->switched_tasks;
	if (tr->n_switched == tr->n_tasks)
		lp_transition_complete(core);
	else
		pass_back_off(core);
}

/* Tries tasks until the list or the time is used up; at least one, so that it gets on. */
static void pass_work(struct lp_core *core, uint64_t started_ns)
{
	if (!pass_begin(core))
		return;
	do {
		int64_t tid = core->host->task_next(core->host_data);

		if (!tid) {
			pass_end(core);
			return;
		}
		if (core->transition.forcing)
			task_force(core, tid);
		else
			task_try(core, tid);
	} while (pass_now(core) - started_ns < LP_PASS_BUDGET_NS);
}

void lp_pass_go_on(struct lp_core *core)
{
	pass_work(core, pass_now(core));
}

static bool pass_due(const struct lp_core *core)
{
	const struct lp_transition *tr = &core->transition;

	if (tr->phase == LP_PHASE_IDLE)
		return false;
	return tr->listed || pass_now(core) >= tr->next_pass_ns;
}

static uint64_t pass_wait_ns(const struct lp_core *core)
{
	const struct lp_transition *tr = &core->transition;
	uint64_t due_ns = tr->next_pass_ns;
	uint64_t now_ns;

	if (tr->phase == LP_PHASE_IDLE)
		return LP_FOREVER_NS;
	if (tr->listed)
		return 0;
	if (tr->deadline_ns && !tr->timed_out && tr->deadline_ns < due_ns)
		due_ns = tr->deadline_ns;
	now_ns = pass_now(core);
	return due_ns > now_ns ? due_ns - now_ns : 0;
}

uint64_t lp_pass_run(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	uint64_t started_ns;

	if (tr->phase == LP_PHASE_IDLE)
		return LP_FOREVER_NS;
	started_ns = pass_now(core);
	deadline_check(core);
	if (pass_due(core) && tr->phase == LP_PHASE_REDIRECT && redirect_try(core))
		deadline_check(core); /* a force may have waited for the entries */
	if (pass_due(core) && tr->phase == LP_PHASE_SWITCH)
		pass_work(core, started_ns);
	return pass_wait_ns(core);
}
