/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "callback.h"

static void calling_begin(struct lp_core *core, const struct lp_patch *patch,
			  const struct lp_callback_call *call)
{
	core->calling.patch = patch;
	core->calling.call = *call;
	core->calling.since_ns = core->host->now_ns(core->host_data);
}

static void callback_tell(const struct lp_core *core, enum lp_event_type type,
			  const struct lp_patch *patch, const struct lp_callback_call *call,
			  int error)
{
	struct lp_event event = {
		.type = type,
		.patch = patch,
		.callback = call->which,
		.state = call->state,
		.object = call->object,
		.error = error,
	};

	lp_event_tell(core, event);
}

/* Told before, so that the log shows the one that does not return. */
static int callback_run(struct lp_core *core, struct lp_patch *patch,
			const struct lp_callback_call *call)
{
	int error;

	calling_begin(core, patch, call);
	callback_tell(core, LP_EVENT_CALLBACK, patch, call, 0);
	error = core->host->callback(core->host_data, patch, call);
	core->calling.patch = NULL;
	if (!error || call->which != LP_PRE_PATCH)
		return 0;
	if (error > 0)
		error = -EINVAL;
	callback_tell(core, LP_EVENT_CALLBACK_FAILED, patch, call, error);
	return error;
}

static bool callback_given(const struct lp_core *core, uint8_t callbacks, enum lp_callback which)
{
	return core->host->callback && (callbacks & 1 << which);
}

int lp_callback_state(struct lp_core *core, struct lp_patch *patch,
		      const struct lp_patch_state *state, enum lp_callback which)
{
	struct lp_callback_call call = { .which = which, .state = state };

	return callback_given(core, state->callbacks, which) ? callback_run(core, patch, &call) : 0;
}

int lp_callback_object(struct lp_core *core, struct lp_patch *patch, struct lp_patch_object *object,
		       enum lp_callback which)
{
	struct lp_callback_call call = { .which = which, .object = object };

	return callback_given(core, object->callbacks, which) ? callback_run(core, patch, &call) :
								0;
}

/*
 * After a force tasks may still use the variables, just as they may be in the code; both stay.
 */
void lp_callback_shadow_free(struct lp_core *core, struct lp_patch *patch,
			     const struct lp_patch_state *state)
{
	struct lp_callback_call call = { .which = LP_CALLBACK_COUNT, .state = state };

	if (!state->is_shadow || patch->forced || !core->host->shadow_free_all)
		return;
	calling_begin(core, patch, &call);
	callback_tell(core, LP_EVENT_SHADOW_FREE, patch, &call, 0);
	core->host->shadow_free_all(core->host_data, patch, state);
	core->calling.patch = NULL;
}

void lp_callback_report(struct lp_report *report, const struct lp_patch *patch,
			const struct lp_callback_call *call, int error)
{
	struct lp_refusal refusal = {
		.reason = LP_REASON_CALLBACK_FAILED,
		.patch = patch->name,
		.object = call->object ? call->object->name : NULL,
		.state = call->state ? call->state->id : 0,
		.callback = lp_callback_word(call->which),
		.error = error,
	};

	lp_report_add(report, refusal);
}
