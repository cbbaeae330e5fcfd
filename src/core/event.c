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

void lp_event_emit(const struct lp_core *core, enum lp_event_type type,
		   const struct lp_patch *patch, int64_t tid)
{
	struct lp_event event = { .type = type, .patch = patch, .tid = tid, .epoch = core->epoch };

	core->host->event(core->host_data, &event);
}
