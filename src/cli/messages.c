// SPDX-License-Identifier: LGPL-2.1-or-later
/* messages.c - see messages.h. */
#include "messages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "core/reason.h"
#include "output.h"

void lp_messages_open(struct lp_messages *messages, bool json)
{
	messages->json = json;
	for (int i = 0; i <= LP_ERROR; i++)
		messages->kept[i] = json_array();
}

void lp_messages_close(struct lp_messages *messages)
{
	for (int i = 0; i <= LP_ERROR; i++)
		json_decref(messages->kept[i]);
}

static void keep(struct lp_messages *messages, enum lp_severity severity, const char *reason,
		 const char *text)
{
	json_t *message = json_object();

	if (reason)
		json_object_set_new(message, "reason", json_string(reason));
	json_object_set_new(message, "message", json_string(text));
	json_array_append_new(messages->kept[severity], message);
}

void lp_messages_report(void *context, enum lp_severity severity, const char *reason,
			const char *text)
{
	struct lp_messages *messages = context;

	if (messages->json) {
		keep(messages, severity, reason, text);
		return;
	}
	/* What a compiler or a build says has lines of its own. */
	if (strchr(text, '\n')) {
		fputs(text, stderr);
		if (text[strlen(text) - 1] != '\n')
			fputc('\n', stderr);
		text = "the messages of the command that failed are above";
	}
	if (severity == LP_ERROR)
		lp_output_error(false, 0, reason ? reason : lp_reason_word(LP_REASON_SYSTEM), text);
	else
		fprintf(stderr, "suture: %s: %s\n", severity == LP_NOTE ? "note" : "warning", text);
}

void lp_messages_put(const struct lp_messages *messages, json_t *body, const char *output,
		     int result)
{
	if (!result)
		json_object_set_new(body, "output", json_string(output));
	else
		json_object_set(body, "reasons", messages->kept[LP_ERROR]);
	json_object_set(body, "warnings", messages->kept[LP_WARNING]);
	json_object_set(body, "notes", messages->kept[LP_NOTE]);
}

int lp_messages_exit(int result)
{
	return !result ? LP_EXIT_DONE : result == -ECANCELED ? LP_EXIT_REFUSED : LP_EXIT_FAILED;
}
