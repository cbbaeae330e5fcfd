// SPDX-License-Identifier: LGPL-2.1-or-later
/* assist.c - see assist.h. */
#include <string.h>

#include "assist.h"
#include "client.h"
#include "core/reason.h"
#include "output.h"
#include "task.h"

#define LOOK_TIMEOUT_MS 1000 /* the task stands still for so long at most */
#define PER_CALL_MAX 64

struct look {
	struct lp_client *client;
	struct suture_assist payload;
};

static int look(void *context)
{
	struct look *look = context;
	struct lp_inject_error error;
	struct lp_reply reply;
	int result;

	result = lp_client_request(look->client,
				   &(struct lp_request){ .type = SUTURE_ASSIST,
							 .payload = &look->payload,
							 .payload_size = sizeof(look->payload),
							 .timeout_ms = LOOK_TIMEOUT_MS },
				   &reply, &error);
	if (!result)
		json_decref(reply.json);
	return result;
}

static bool needs_help(const json_t *blocker)
{
	return !strcmp(lp_reply_string(blocker, "reason"),
		       lp_blocking_word(LP_BLOCKING_SIGNAL_BLOCKED));
}

static void assist_one(struct lp_client *client, pid_t tid)
{
	struct look context = { .client = client, .payload = { .tid = tid } };
	struct lp_inject_error error;
	pid_t inner = lp_task_inner(client->pid, tid);

	if (inner <= 0)
		return;
	context.payload.ns_tid = inner;
	(void)lp_task_hold(client->pid, tid, look, &context, &error);
}

void lp_assist_blockers(pid_t pid, const json_t *blockers)
{
	struct lp_client client = { .pid = pid, .fd = -1 };
	struct lp_inject_error error;
	unsigned int helped = 0;
	const json_t *blocker;
	size_t i;

	/* A connection of its own: a reply that comes too late must not disturb the command's. */
	json_array_foreach(blockers, i, blocker) {
		if (!needs_help(blocker))
			continue;
		if (helped++ == PER_CALL_MAX)
			break;
		if (client.fd < 0 && lp_client_connect(&client, pid, &error))
			return;
		assist_one(&client, (pid_t)lp_reply_integer(blocker, "tid"));
	}
	lp_client_disconnect(&client);
}
