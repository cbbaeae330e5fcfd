/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eventlog.h"

#include <string.h>

#include "../core/patch.h"
#include "clock.h"

#define ENTRIES 512
#define NAME_SIZE 64

struct entry {
	uint64_t time_ns; /* since the epoch */
	enum lp_event_type type;
	int64_t tid;
	uint64_t epoch;
	const char *callback; /* or NULL */
	uint64_t state;
	int error;
	char patch[NAME_SIZE]; /* cut: the patch may be gone when this is read */
};

static struct entry entries[ENTRIES];
static uint64_t added;

void lp_eventlog_add(const struct lp_event *event)
{
	struct entry *entry = &entries[added % ENTRIES];

	/* one line per task would push everything else out */
	if (event->type == LP_EVENT_SWITCH || event->type == LP_EVENT_NUDGE)
		return;
	added++;
	entry->time_ns = lp_clock_real_ns();
	entry->type = event->type;
	entry->tid = event->tid;
	entry->epoch = event->epoch;
	entry->callback = event->type == LP_EVENT_CALLBACK ||
					  event->type == LP_EVENT_CALLBACK_FAILED ?
				  lp_callback_word(event->callback) :
				  NULL;
	entry->state = event->state ? event->state->id : 0;
	entry->error = event->error;
	entry->patch[0] = 0;
	if (event->patch && event->patch->name)
		strncat(entry->patch, event->patch->name, NAME_SIZE - 1);
}

static void write_entry(struct lp_json *json, const struct entry *entry)
{
	lp_json_open(json, NULL, '{');
	lp_json_seconds(json, "time", entry->time_ns);
	lp_json_string(json, "event", lp_event_word(entry->type));
	if (entry->patch[0])
		lp_json_string(json, "patch", entry->patch);
	if (entry->tid)
		lp_json_number(json, "tid", entry->tid);
	lp_json_number(json, "epoch", (int64_t)entry->epoch);
	if (entry->callback)
		lp_json_string(json, "callback", entry->callback);
	if (entry->state)
		lp_json_number(json, "state", (int64_t)entry->state);
	if (entry->error)
		lp_json_number(json, "error", entry->error);
	lp_json_close(json, '}');
}

void lp_eventlog_write(struct lp_json *json)
{
	lp_json_open(json, NULL, '{');
	lp_json_open(json, "events", '[');
	for (uint64_t i = added > ENTRIES ? added - ENTRIES : 0; i < added; i++)
		write_entry(json, &entries[i % ENTRIES]);
	lp_json_close(json, ']');
	lp_json_close(json, '}');
}
