/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dry_run.h"

#include "proc.h"
#include "status.h"

static bool is_conflict(const struct lp_refusal *refusal)
{
	return refusal->reason == LP_REASON_CONFLICT_FUNCTION ||
	       refusal->reason == LP_REASON_CONFLICT_STATE;
}

static void write_conflicts(struct lp_json *json, const struct lp_report *report)
{
	lp_json_open(json, "conflicts", '[');
	for (unsigned int i = 0; i < report->total && i < report->capacity; i++) {
		const struct lp_refusal *refusal = &report->refusals[i];

		if (!is_conflict(refusal))
			continue;
		lp_json_open(json, NULL, '{');
		lp_json_string(json, "patch", refusal->patch);
		if (refusal->function)
			lp_json_string(json, "function", refusal->function);
		if (refusal->state)
			lp_json_number(json, "state", (int64_t)refusal->state);
		lp_json_close(json, '}');
	}
	lp_json_close(json, ']');
}

/* The code of the originals; what an enabled patch has in their place is left out. */
static int originals(const struct lp_loaded *loaded, struct lp_ranges *ranges)
{
	const struct lp_patch_file *file = &loaded->file;
	int r = 0;

	for (uint32_t i = 0; i < loaded->core.n_functions && r == 0; i++) {
		const struct lp_file_function *function = &file->functions[i];
		uint64_t base = loaded->objects[function->object].base;

		r = lp_ranges_add(ranges, base + function->old_addr,
				  base + function->old_addr + function->old_size,
				  &loaded->core.functions[i]);
		for (uint32_t j = 0; j < function->part_count && r == 0; j++) {
			const struct lp_file_part *part = &file->parts[function->parts + j];

			r = lp_ranges_add(ranges, base + part->addr, base + part->addr + part->size,
					  &loaded->core.functions[i]);
		}
	}
	return r < 0 ? r : lp_ranges_sort(ranges);
}

static void write_blocker(struct lp_json *json, int64_t tid, uint64_t hit,
			  const struct lp_ranges *ranges)
{
	const struct lp_range *range = lp_ranges_find_return(ranges, hit);

	lp_json_open(json, NULL, '{');
	lp_json_number(json, "tid", tid);
	lp_json_string(json, "reason", lp_blocking_word(LP_BLOCKING_ON_STACK));
	lp_json_string(json, "function", range ? range->function->name : NULL);
	lp_json_number(json, "offset", range ? (int64_t)(hit - range->lo) : 0);
	lp_json_close(json, '}');
}

static void write_blockers(struct lp_json *json, struct lp_agent *agent,
			   const struct lp_loaded *loaded)
{
	struct lp_ranges ranges = { 0 };
	struct lp_tids tids = { 0 };

	lp_json_open(json, "blockers", '[');
	if (originals(loaded, &ranges) == 0 && lp_agent_refresh_space(agent) == 0 &&
	    lp_tids_list(&tids) == 0) {
		for (size_t i = 0; i < tids.count; i++) {
			struct lp_task task;
			uint64_t hit = 0;

			if (lp_task_find(&task, tids.items[i]) == 0 &&
			    lp_task_look(&task, &ranges, &agent->space, &hit) == LP_LOOK_HIT)
				write_blocker(json, tids.items[i], hit, &ranges);
		}
	}
	lp_json_close(json, ']');
	lp_tids_deinit(&tids);
	lp_ranges_deinit(&ranges);
}

void lp_dry_run_write(struct lp_json *json, struct lp_agent *agent, struct lp_loaded *loaded,
		      const struct lp_apply_options *options, struct lp_report *report)
{
	int r = lp_core_check(&agent->core, &loaded->core, options, report);

	lp_json_open(json, NULL, '{');
	lp_json_bool(json, "fits", r == 0);
	lp_status_write_reasons(json, "reasons", report, NULL);
	write_conflicts(json, report);
	lp_status_write_replaces(json, &agent->core, &loaded->core);
	write_blockers(json, agent, loaded);
	lp_json_close(json, '}');
}

void lp_dry_run_write_unfit(struct lp_json *json, const struct lp_report *report, const char *why)
{
	static const char *const empty[] = { "conflicts", "replaces", "blockers" };

	lp_json_open(json, NULL, '{');
	lp_json_bool(json, "fits", false);
	lp_status_write_reasons(json, "reasons", report, why);
	for (unsigned int i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		lp_json_open(json, empty[i], '[');
		lp_json_close(json, ']');
	}
	lp_json_close(json, '}');
}
