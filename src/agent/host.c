/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "agent.h"
#include "alloc.h"
#include "author.h"
#include "calling.h"
#include "clock.h"
#include "eventlog.h"
#include "loaded.h"
#include "nudge.h"
#include "proc.h"
#include "shadow_host.h"
#include "stack.h"

static void *host_alloc(void *host, size_t size)
{
	(void)host;
	return lp_alloc(size);
}

static void host_free(void *host, void *memory)
{
	(void)host;
	lp_free(memory);
}

static uint64_t host_now_ns(void *host)
{
	(void)host;
	return lp_clock_ns();
}

static void host_event(void *host, const struct lp_event *event)
{
	(void)host;
	lp_eventlog_add(event);
}

/* --- sites --- */

static enum lp_reason reason_of(int error)
{
	switch (error) {
	case -EEXIST:
		return LP_REASON_CONFLICT_FUNCTION;
	case -ENOTUNIQ:
		return LP_REASON_PADDING_TAKEN;
	case -EACCES:
		return LP_REASON_UNSUPPORTED_TARGET;
	case -ENOMEM:
		return LP_REASON_NO_MEMORY_NEAR;
	}
	return LP_REASON_SYSTEM;
}

static int host_site_open(void *host, struct lp_site *site)
{
	struct lp_agent *agent = host;
	const struct lp_loaded_function *own = site->first->host;
	const struct lp_patch_file *file = &own->loaded->file;
	const struct lp_file_function *plan = &file->functions[own->index];
	const struct lp_object *object = &own->loaded->objects[plan->object];
	struct lp_gate_source source = {
		.base = object->base,
		.lo = object->lo,
		.hi = object->hi,
		.plan = plan,
		.moved = file->moved + plan->moved,
		.fixups = file->fixups + plan->fixups,
	};
	int error;
	struct lp_gate *gate = lp_gate_open(&source, &error);

	if (gate) {
		lp_gate_set_slot(gate, gate->moved_addr);
		site->host = gate;
		return 0;
	}
	if (agent->report)
		lp_report_add(agent->report, (struct lp_refusal){ .reason = reason_of(error),
								  .object = site->first->object,
								  .function = site->first->name });
	return error;
}

static void host_site_close(void *host, struct lp_site *site)
{
	struct lp_gate *gate = site->host;

	(void)host;
	site->host = NULL;
	lp_gate_close(gate);
}

/* --- the transition --- */

static int host_prepare(void *host, struct lp_transition *tr)
{
	struct lp_agent *agent = host;

	lp_author_take_over(tr);
	lp_grave_pause(&agent->quiesce);
	return lp_change_prepare(&agent->change, tr);
}

static int host_redirect(void *host, struct lp_transition *tr, struct lp_verdict *verdict)
{
	struct lp_agent *agent = host;
	int r = lp_agent_refresh_space(agent);

	lp_author_update(); /* before any task can run older code again */
	if (r < 0)
		return r;
	r = lp_change_redirect(&agent->change, tr, &agent->quiesce, &agent->space, verdict);
	agent->pause_us = agent->change.pause_us;
	return r;
}

static int host_target(void *host, struct lp_transition *tr)
{
	struct lp_agent *agent = host;

	agent->asking_newborn = false;
	return lp_change_target(&agent->change, tr);
}

static void host_settle(void *host, struct lp_transition *tr)
{
	struct lp_agent *agent = host;

	lp_nudge_end();
	lp_change_settle(&agent->change, tr);
}

static void host_abandon(void *host, struct lp_transition *tr)
{
	struct lp_agent *agent = host;

	lp_nudge_end();
	lp_change_abandon(&agent->change, tr);
}

/* --- callbacks: patch code, on the agent's thread --- */

static int run_callback(const struct lp_loaded *loaded, uint32_t symbol, void *first, void *second)
{
	/* called with both: who takes one does not look at the other */
	int (*function)(void *, void *) = (int (*)(void *, void *))lp_image_symbol(
		&loaded->image, &loaded->file, symbol);

	return function(first, second);
}

static int run_state_callback(struct lp_loaded *loaded, const struct lp_callback_call *call)
{
	const struct lp_file_state *state = call->state->host;

	return run_callback(loaded, state->callbacks[call->which], &loaded->author.patch,
			    &loaded->author.states[state - loaded->file.states]);
}

static int run_object_callback(struct lp_loaded *loaded, const struct lp_callback_call *call)
{
	const struct lp_file_object *object = call->object->host;

	return run_callback(loaded, object->callbacks[call->which],
			    &loaded->author.objects[object - loaded->file.objects], NULL);
}

static int host_callback(void *host, struct lp_patch *patch, const struct lp_callback_call *call)
{
	struct lp_loaded *loaded = lp_loaded_of(patch);
	int result;

	(void)host;
	lp_author_update();
	lp_calling_begin(patch, call);
	result = call->state ? run_state_callback(loaded, call) : run_object_callback(loaded, call);
	lp_calling_end();
	/* the other ones return nothing */
	return call->which == LP_PRE_PATCH ? result : 0;
}

static void host_shadow_free_all(void *host, struct lp_patch *patch,
				 const struct lp_patch_state *state)
{
	const struct lp_loaded *loaded = lp_loaded_of(patch);
	const struct lp_file_state *from = state->host;
	klp_shadow_dtor_t dtor = NULL;

	(void)host;
	if (from->shadow_dtor)
		dtor = (klp_shadow_dtor_t)lp_image_symbol(&loaded->image, &loaded->file,
							  from->shadow_dtor);
	lp_shadow_free_all(&lp_shadow_variables, state->id, dtor);
}

/* It waits, loaded and unused, for an undo. */
static void host_patch_keep(void *host, struct lp_patch *patch)
{
	(void)host;
	(void)patch;
}

static void host_patch_release(void *host, struct lp_patch *patch)
{
	(void)host;
	lp_loaded_retire(lp_loaded_of(patch));
}

/* --- tasks --- */

static int host_tasks_begin(void *host)
{
	struct lp_agent *agent = host;
	int r = lp_agent_refresh_space(agent);

	agent->next_tid = 0;
	agent->all_switched = true;
	agent->asking_newborn = false;
	return r < 0 ? r : lp_tids_list(&agent->tids);
}

/*
 * At the end of a list whose tasks are all at the target, tasks may have been born that are not in
 * it. One that comes by in doubt about its own stack stays unpatched - so from here on ("closing")
 * tasks that were never asked go to the target whatever their stack: born after every site asked,
 * they have never run what is left. A second list finds those that decided before.
 */
static int64_t newborn_next(struct lp_agent *agent)
{
	struct lp_task task;
	struct lp_word word;

	while (agent->next_tid < agent->tids.count) {
		int64_t tid = agent->tids.items[agent->next_tid++];

		if (lp_task_find(&task, tid) == 0 && lp_task_read_word(&task, &word) == 0 &&
		    lp_word_confirmed(&word, agent->change.chain, agent->change.era))
			continue;
		return tid;
	}
	return 0;
}

static int64_t host_task_next(void *host)
{
	struct lp_agent *agent = host;

	if (agent->asking_newborn)
		return newborn_next(agent);
	if (agent->next_tid < agent->tids.count)
		return agent->tids.items[agent->next_tid++];
	if (!agent->all_switched)
		return 0;
#ifdef LP_BUG_NO_CLOSING
	return 0;
#endif
	agent->next_tid = 0;
	agent->asking_newborn = true;
	if (lp_change_closing(&agent->change) < 0 || lp_tids_list(&agent->tids) < 0) {
		/* not proven: this pass must not be complete; -1 is a task that is never switched */
		agent->tids.count = 0;
		return -1;
	}
	return newborn_next(agent);
}

static void set_verdict(struct lp_verdict *verdict, enum lp_look look, uint64_t hit,
			const struct lp_ranges *ranges, int64_t tid)
{
	static const enum lp_blocking words[] = {
		[LP_LOOK_HIT] = LP_BLOCKING_ON_STACK,
		[LP_LOOK_RUNNING] = LP_BLOCKING_RUNNING,
		[LP_LOOK_MOVED] = LP_BLOCKING_MOVING,
		[LP_LOOK_CHILD] = LP_BLOCKING_SHARED_MEMORY_CHILD,
		[LP_LOOK_FOREIGN] = LP_BLOCKING_FOREIGN_STACK,
		[LP_LOOK_UNREADABLE] = LP_BLOCKING_UNREADABLE,
		[LP_LOOK_GONE] = LP_BLOCKING_UNREADABLE,
	};
	const struct lp_range *range;

	verdict->blocking = words[look];
	if (look == LP_LOOK_RUNNING && lp_nudge_is_blocked(tid))
		verdict->blocking = LP_BLOCKING_SIGNAL_BLOCKED;
	verdict->addr = hit;
	range = hit ? lp_ranges_find_return(ranges, hit) : NULL;
	if (range && range->function) {
		verdict->function = range->function;
		verdict->offset = hit - range->lo;
	}
}

/* Its memory could not be reached: it has ended, or something is wrong with it. */
static enum lp_switch lost(const struct lp_task *task, struct lp_verdict *verdict)
{
	verdict->blocking = LP_BLOCKING_UNREADABLE;
	return lp_task_is_gone(task->tid) ? LP_GONE : LP_BUSY;
}

/* Marks the task, looks at it, approves it if it was clean; protocol.md. */
static enum lp_switch look_and_approve(struct lp_agent *agent, const struct lp_task *task,
				       const struct lp_word *seen, struct lp_verdict *verdict)
{
	const struct lp_change *change = &agent->change;
	const struct lp_ranges *leaving = lp_era_target(change->chain, change->era) ?
						  &change->leaving_current :
						  &change->leaving_next;
	struct lp_word word;
	enum lp_look look;
	uint64_t hit = 0;

#ifndef LP_BUG_NO_PENDING /* faults for the oracle to find: docs/design/oracle.md */
	if (lp_task_mark(task, change->era) < 0 || lp_task_bump(task) < 0)
		return lost(task, verdict);
#endif
	look = lp_task_look(task, leaving, &agent->space, &hit);
	if (look == LP_LOOK_GONE)
		return LP_GONE;
#ifdef LP_BUG_NO_PENDING
	lp_sys(__NR_nanosleep, (const struct timespec[]){ { .tv_nsec = 1000000 } }, 0);
	if (lp_task_mark(task, change->era) < 0 || lp_task_bump(task) < 0)
		return lost(task, verdict);
#endif
	if (look == LP_LOOK_CLEAN) {
		if (lp_task_approve(task, change->era) < 0 || lp_task_read_word(task, &word) < 0)
			return lost(task, verdict);
		if (lp_word_confirmed(&word, change->chain, change->era))
			return LP_SWITCHED;
		look = LP_LOOK_MOVED; /* it came by, and decided for itself */
	}
	if (look == LP_LOOK_RUNNING && lp_task_read_word(task, &word) == 0 &&
	    seen->hit_addr_inverted)
		hit = ~seen->hit_addr_inverted;
	set_verdict(verdict, look, hit, leaving, task->tid);
	return LP_BUSY;
}

/*
 * A task that is at the target without having been asked in this era (after a reverse; or born
 * since, while closing): a decision of the era before may be in flight in it. The bump makes that
 * fail; if it is at the target still, it stays there.
 */
static enum lp_switch confirm(struct lp_agent *agent, const struct lp_task *task,
			      struct lp_verdict *verdict)
{
	const struct lp_change *change = &agent->change;
	bool target = lp_era_target(change->chain, change->era);
	struct lp_word word;

	if (lp_task_bump(task) < 0 || lp_task_read_word(task, &word) < 0)
		return lost(task, verdict);
	if (lp_word_state(&word, change->chain) == target ||
	    (lp_change_is_closing() && !lp_word_asked(&word, change->chain)))
		return LP_SWITCHED;
	verdict->blocking = LP_BLOCKING_MOVING;
	return LP_BUSY;
}

static enum lp_switch try_switch(struct lp_agent *agent, int64_t tid, struct lp_verdict *verdict)
{
	const struct lp_change *change = &agent->change;
	bool target = lp_era_target(change->chain, change->era);
	struct lp_task task;
	struct lp_word word;
	int r = tid < 0 ? -EAGAIN : lp_task_find(&task, tid);

	verdict->blocking = r == -EXDEV ? LP_BLOCKING_SHARED_TLS : LP_BLOCKING_UNREADABLE;
	if (r == -ESRCH)
		return LP_GONE;
	if (r < 0 || lp_task_read_word(&task, &word) < 0)
		return LP_BUSY;
	if (lp_word_confirmed(&word, change->chain, change->era))
		return LP_SWITCHED;
	if (lp_word_state(&word, change->chain) == target ||
	    (agent->asking_newborn && !lp_word_asked(&word, change->chain)))
		return confirm(agent, &task, verdict);
	return look_and_approve(agent, &task, &word, verdict);
}

static enum lp_switch host_task_try_switch(void *host, struct lp_transition *tr, int64_t tid,
					   struct lp_verdict *verdict)
{
	struct lp_agent *agent = host;
	enum lp_switch result = try_switch(agent, tid, verdict);

	(void)tr;
	if (result == LP_BUSY)
		agent->all_switched = false;
	return result;
}

static int host_task_force(void *host, struct lp_transition *tr, int64_t tid)
{
	struct lp_agent *agent = host;
	struct lp_task task;
	struct lp_word word;

	(void)tr;
	if (lp_task_find(&task, tid) < 0 || lp_task_read_word(&task, &word) < 0)
		return -ESRCH;
	return lp_task_force(&task, agent->change.era) < 0 ? -ESRCH : 0;
}

static void host_task_nudge(void *host, int64_t tid)
{
	(void)host;
	/* only a task that is running now: one that sleeps would see EINTR */
	if (lp_task_is_running(tid))
		(void)lp_nudge_task(tid);
}

const struct lp_host lp_agent_host = {
	.alloc = host_alloc,
	.free = host_free,
	.now_ns = host_now_ns,
	.event = host_event,
	.site_open = host_site_open,
	.site_close = host_site_close,
	.prepare = host_prepare,
	.redirect = host_redirect,
	.target = host_target,
	.settle = host_settle,
	.abandon = host_abandon,
	.tasks_begin = host_tasks_begin,
	.task_next = host_task_next,
	.task_try_switch = host_task_try_switch,
	.task_force = host_task_force,
	.task_nudge = host_task_nudge,
	.callback = host_callback,
	.shadow_free_all = host_shadow_free_all,
	.patch_keep = host_patch_keep,
	.patch_release = host_patch_release,
};

/* --- what unwinding needs --- */

static size_t count_pieces(void)
{
	size_t count = 0;

	for (const struct lp_loaded *loaded = lp_loaded_first(); loaded; loaded = loaded->next)
		count += loaded->image.n_pieces;
	return count;
}

static size_t fill_extra(struct lp_unwind_extra *extra)
{
	size_t count = 0;

	for (const struct lp_loaded *loaded = lp_loaded_first(); loaded; loaded = loaded->next)
		for (uint32_t i = 0; i < loaded->image.n_pieces; i++) {
			const struct lp_image_piece *piece = &loaded->image.pieces[i];

			if (piece->eh_frame_addr)
				extra[count++] = (struct lp_unwind_extra){
					.text_lo = piece->text_addr,
					.text_hi = piece->text_addr + piece->text_size,
					.eh_frame_addr = piece->eh_frame_addr,
					.eh_frame_size = piece->eh_frame_size,
				};
		}
	return count;
}

static int read_for_unwind(void *context, uint64_t addr, void *bytes, size_t size)
{
	(void)context;
	return lp_peek(addr, bytes, size);
}

int lp_agent_refresh_space(struct lp_agent *agent)
{
	size_t count;
	struct lp_object *objects = lp_objects_list(&count);
	struct lp_unwind_extra *extra = lp_alloc((count_pieces() + 1) * sizeof(*extra));

	if (!objects || !extra) {
		lp_free(objects);
		lp_free(extra);
		return -ENOMEM;
	}
	lp_stacks_note_restorers();
	lp_free(agent->objects);
	lp_free(agent->extra);
	agent->objects = objects;
	agent->extra = extra;
	agent->space = (struct lp_unwind_space){
		.objects = objects,
		.n_objects = count,
		.extra = extra,
		.n_extra = fill_extra(extra),
		.read = read_for_unwind,
	};
	return 0;
}
