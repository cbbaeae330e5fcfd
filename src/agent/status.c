/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "status.h"

#include <string.h>

#include "clock.h"
#include "loaded.h"
#include "nudge.h"
#include "proc.h"

#define MAX_BLOCKERS 64 /* in one answer; total is in tasks */

static void write_function(struct lp_json *json, const struct lp_function *function)
{
	const struct lp_loaded_function *own = function->host;

	lp_json_open(json, NULL, '{');
	lp_json_string(json, "name", function->name);
	lp_json_number(json, "sympos", function->sympos ? function->sympos : 1);
	lp_json_bool(json, "called",
		     own->called || lp_marker_called(&own->loaded->markers, own->index));
	lp_json_close(json, '}');
}

static void write_object(struct lp_json *json, const struct lp_loaded *loaded, uint32_t index)
{
	const struct lp_patch_file *file = &loaded->file;
	const struct lp_file_object *object = &file->objects[index];

	lp_json_open(json, NULL, '{');
	lp_json_string(json, "name", lp_patch_file_string(file, object->name));
	lp_json_hex(json, "build_id", object->build_id, object->build_id_size);
	lp_json_bool(json, "patched", true);
	lp_json_open(json, "functions", '[');
	for (uint32_t i = 0; i < loaded->core.n_functions; i++)
		if (file->functions[i].object == index)
			write_function(json, &loaded->core.functions[i]);
	lp_json_close(json, ']');
	lp_json_close(json, '}');
}

/* Addresses of code that stays mapped. */
static void write_pinned(struct lp_json *json, const struct lp_loaded *loaded)
{
	lp_json_open(json, "pinned", '[');
	for (uint32_t i = 0; loaded->core.pinned && i < loaded->image.n_pieces; i++)
		if (loaded->image.pieces[i].text_size)
			lp_json_number(json, NULL, (int64_t)loaded->image.pieces[i].text_addr);
	lp_json_close(json, ']');
}

static void write_states(struct lp_json *json, const struct lp_patch *patch)
{
	lp_json_open(json, "states", '[');
	for (unsigned int i = 0; i < patch->n_states; i++) {
		lp_json_open(json, NULL, '{');
		lp_json_number(json, "id", (int64_t)patch->states[i].id);
		lp_json_number(json, "version", patch->states[i].version);
		lp_json_bool(json, "is_shadow", patch->states[i].is_shadow);
		lp_json_bool(json, "block_disable", patch->states[i].block_disable);
		lp_json_close(json, '}');
	}
	lp_json_close(json, ']');
}

static void write_patch(struct lp_json *json, const struct lp_loaded *loaded)
{
	const struct lp_patch *patch = &loaded->core;

	lp_json_open(json, NULL, '{');
	lp_json_string(json, "name", patch->name);
	lp_json_number(json, "provides", (int64_t)patch->provides);
	lp_json_bool(json, "enabled", patch->enabled);
	lp_json_bool(json, "transition", patch->in_transition);
	lp_json_bool(json, "forced", patch->forced);
	lp_json_bool(json, "replaceable", patch->replaceable);
	write_pinned(json, loaded);
	lp_json_open(json, "objects", '[');
	for (uint32_t i = 0; i < loaded->file.info->objects.count; i++)
		write_object(json, loaded, i);
	lp_json_close(json, ']');
	write_states(json, patch);
	lp_json_close(json, '}');
}

static void write_comm(struct lp_json *json, int64_t tid)
{
	char comm[32];
	long n = tid > 0 ? lp_proc_read(tid, "comm", comm, sizeof(comm)) : 0;

	if (n > 0 && comm[n - 1] == '\n')
		comm[n - 1] = 0;
	lp_json_string(json, "comm", n > 0 ? comm : "");
}

static void write_blocker(struct lp_json *json, const struct lp_blocker *blocker)
{
	const struct lp_verdict *verdict = &blocker->verdict;

	lp_json_open(json, NULL, '{');
	lp_json_number(json, "tid", blocker->tid);
	write_comm(json, blocker->tid);
	lp_json_string(json, "reason", lp_blocking_word(verdict->blocking));
	lp_json_string(json, "function", verdict->function ? verdict->function->name : NULL);
	lp_json_number(json, "offset", (int64_t)verdict->offset);
	lp_json_number(json, "since_ms", (int64_t)((lp_clock_ns() - blocker->since_ns) / 1000000));
	lp_json_number(json, "tries", blocker->tries);
	lp_json_close(json, '}');
}

static void write_blockers(struct lp_json *json, const struct lp_transition *tr)
{
	const struct lp_blocker *blocker;
	int count = 0;

	lp_json_open(json, "blockers", '[');
	lp_list_for_each(blocker, &tr->blockers, link)
		if (blocker->tid >= 0 && count++ < MAX_BLOCKERS)
			write_blocker(json, blocker);
	lp_json_close(json, ']');
}

static void write_transition(struct lp_json *json, const struct lp_agent *agent)
{
	const struct lp_transition *tr = &agent->core.transition;
	bool to_patched = (tr->target == LP_PATCHED) != tr->disabling;

	if (tr->phase == LP_PHASE_IDLE) {
		lp_json_null(json, "transition");
		return;
	}
	lp_json_open(json, "transition", '{');
	lp_json_string(json, "patch", tr->patch->name);
	lp_json_string(json, "target", to_patched ? "patched" : "unpatched");
	lp_json_number(json, "elapsed_ms", (int64_t)((lp_clock_ns() - tr->started_ns) / 1000000));
	lp_json_open(json, "tasks", '{');
	lp_json_number(json, "total", tr->n_tasks);
	lp_json_number(json, "switched", tr->n_switched);
	lp_json_close(json, '}');
	write_blockers(json, tr);
	lp_json_number(json, "pause_us", (int64_t)agent->pause_us);
	lp_json_close(json, '}');
}

/* Tasks that may still be in code that is to be removed, and can only be looked at with help. */
static void write_lingering(struct lp_json *json, const struct lp_agent *agent)
{
	const struct lp_quiesce *quiesce = &agent->quiesce;
	int count = 0;

	lp_json_open(json, "lingering", '[');
	for (size_t i = 0; quiesce->active && i < quiesce->remaining.count; i++) {
		int64_t tid = quiesce->remaining.items[i];

		if (count >= MAX_BLOCKERS || !lp_nudge_is_blocked(tid))
			continue;
		count++;
		lp_json_open(json, NULL, '{');
		lp_json_number(json, "tid", tid);
		lp_json_string(json, "reason", lp_blocking_word(LP_BLOCKING_SIGNAL_BLOCKED));
		lp_json_close(json, '}');
	}
	lp_json_close(json, ']');
}

void lp_status_write_undo(struct lp_json *json, const char *key, const struct lp_core *core)
{
	const struct lp_patch *patch = lp_core_undo_list(core), *kept;

	if (!patch && key) {
		lp_json_null(json, key);
		return;
	}
	lp_json_open(json, key, '{');
	if (patch) {
		lp_json_string(json, "name", patch->name);
		lp_json_open(json, "returns", '[');
		lp_list_for_each(kept, &patch->replaced, link)
			lp_json_string(json, NULL, kept->name);
		lp_json_close(json, ']');
	}
	lp_json_close(json, '}');
}

void lp_status_write(struct lp_json *json, const struct lp_agent *agent, const char *name)
{
	const struct lp_patch *patch;

	lp_json_open(json, NULL, '{');
	lp_json_string(json, "agent", LP_VERSION);
	lp_json_open(json, "patches", '[');
	lp_list_for_each(patch, &agent->core.patches, link)
		if (!*name || strcmp(name, patch->name) == 0)
			write_patch(json, lp_loaded_of(patch));
	lp_json_close(json, ']');
	write_transition(json, agent);
	lp_status_write_undo(json, "undo", &agent->core);
	write_lingering(json, agent);
	lp_json_number(json, "pause_us", (int64_t)agent->pause_us);
	lp_json_close(json, '}');
}

static void write_refusal(struct lp_json *json, const struct lp_refusal *refusal, const char *why)
{
	lp_json_open(json, NULL, '{');
	lp_json_string(json, "reason", lp_reason_word(refusal->reason));
	lp_json_string(json, "message",
		       refusal->reason == LP_REASON_BAD_FILE && why ?
			       why :
			       lp_reason_text(refusal->reason));
	if (refusal->patch)
		lp_json_string(json, "patch", refusal->patch);
	if (refusal->object)
		lp_json_string(json, "object", refusal->object);
	if (refusal->function)
		lp_json_string(json, "function", refusal->function);
	if (refusal->state)
		lp_json_number(json, "state", (int64_t)refusal->state);
	if (refusal->callback) {
		lp_json_string(json, "callback", refusal->callback);
		lp_json_number(json, "error", refusal->error);
	}
	lp_json_close(json, '}');
}

void lp_status_write_reasons(struct lp_json *json, const char *key, const struct lp_report *report,
			     const char *why)
{
	lp_json_open(json, key, '[');
	for (unsigned int i = 0; i < report->total && i < report->capacity; i++)
		write_refusal(json, &report->refusals[i], why);
	lp_json_close(json, ']');
}

void lp_status_write_refusals(struct lp_json *json, const struct lp_report *report, const char *why)
{
	lp_json_open(json, NULL, '{');
	lp_status_write_reasons(json, "reasons", report, why);
	if (report->total > report->capacity)
		lp_json_number(json, "total", report->total);
	lp_json_close(json, '}');
}

/* Functions of a replaced patch that go back to the original: the new one does not have them. */
static void write_reverts(struct lp_json *json, const struct lp_patch *old,
			  const struct lp_patch *patch)
{
	for (unsigned int i = 0; i < old->n_functions; i++)
		if (!lp_patch_find(patch, &old->functions[i]))
			lp_json_string(json, NULL, old->functions[i].name);
}

void lp_status_write_replaces(struct lp_json *json, const struct lp_core *core,
			      const struct lp_patch *patch)
{
	const struct lp_patch *old;

	lp_json_open(json, "replaces", '[');
	lp_list_for_each(old, &core->patches, link)
		if (old->leaving)
			lp_json_string(json, NULL, old->name);
	lp_json_close(json, ']');
	lp_json_open(json, "reverts", '[');
	lp_list_for_each(old, &core->patches, link)
		if (old->leaving)
			write_reverts(json, old, patch);
	lp_json_close(json, ']');
}
