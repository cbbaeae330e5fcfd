/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * messages.h - what making a patch has to say, on stderr as it comes or, with --json, kept for one
 * object at the end.
 */
#ifndef LP_CLI_MESSAGES_H
#define LP_CLI_MESSAGES_H

#include <jansson.h>
#include <stdbool.h>

#include "build/pack.h"

struct lp_messages {
	bool json;
	json_t *kept[LP_ERROR + 1]; /* by severity */
};

void lp_messages_open(struct lp_messages *messages, bool json);
void lp_messages_close(struct lp_messages *messages);

/* The `report` of pack.h and build.h; context: a struct lp_messages. */
void lp_messages_report(void *context, enum lp_severity severity, const char *reason,
			const char *text);

/* Adds "warnings" and "notes", and "reasons" (of a refusal) or "output". */
void lp_messages_put(const struct lp_messages *messages, json_t *body, const char *output,
		     int result);

/* The exit status for a result of lp_pack() or lp_build(). */
int lp_messages_exit(int result);

#endif
