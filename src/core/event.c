/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core.h"

static const char *const event_words[LP_EVENT_COUNT] = {
#define EVENT_WORD(id, word) [LP_EVENT_##id] = word,
	LP_EVENTS(EVENT_WORD)
#undef EVENT_WORD
};

const char *lp_event_word(enum lp_event_type type)
{
	return (unsigned int)type < LP_EVENT_COUNT ? event_words[type] : "unknown";
}

static const char *const callback_words[LP_CALLBACK_COUNT] = {
	[LP_PRE_PATCH] = "pre_patch",
	[LP_POST_PATCH] = "post_patch",
	[LP_PRE_UNPATCH] = "pre_unpatch",
	[LP_POST_UNPATCH] = "post_unpatch",
};

const char *lp_callback_word(enum lp_callback which)
{
	return (unsigned int)which < LP_CALLBACK_COUNT ? callback_words[which] : "unknown";
}

void lp_event_tell(const struct lp_core *core, struct lp_event event)
{
	/* a transition that has not been accepted yet has its epoch already */
	event.epoch = core->transition.phase == LP_PHASE_IDLE ? core->epoch :
								core->transition.epoch;
	core->host->event(core->host_data, &event);
}

void lp_event_emit(const struct lp_core *core, enum lp_event_type type,
		   const struct lp_patch *patch, int64_t tid)
{
	struct lp_event event = { .type = type, .patch = patch, .tid = tid };

	lp_event_tell(core, event);
}
