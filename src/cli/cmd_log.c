// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_log.c - suture log TARGET */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "output.h"
#include "session.h"

/* Local time, to the millisecond: "2026-01-31 12:00:00.000". */
static void print_time(double seconds)
{
	char text[32] = "?";
	time_t whole = (time_t)seconds;
	struct tm local;

	if (localtime_r(&whole, &local))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
	printf("%s.%03d", text, (int)((seconds - (double)whole) * 1000));
}

static void print_event(const json_t *event)
{
	const json_t *value;
	const char *key;

	print_time(json_number_value(json_object_get(event, "time")));
	fputs("  ", stdout);
	lp_output_text(stdout, lp_reply_string(event, "event"));
	if (json_object_get(event, "patch")) {
		putchar(' ');
		lp_output_text(stdout, lp_reply_string(event, "patch"));
	}
	json_object_foreach((json_t *)event, key, value) {
		if (!strcmp(key, "time") || !strcmp(key, "event") || !strcmp(key, "patch"))
			continue;
		putchar(' ');
		lp_output_text(stdout, key);
		putchar('=');
		if (json_is_string(value))
			lp_output_text(stdout, json_string_value(value));
		else if (json_is_integer(value))
			printf("%lld", (long long)json_integer_value(value));
		else if (json_is_real(value))
			printf("%g", json_real_value(value));
		else
			fputs(json_is_true(value)  ? "yes" :
			      json_is_false(value) ? "no" :
						     "-",
			      stdout);
	}
	putchar('\n');
}

static int log_one(struct lp_session *session, void *context)
{
	const json_t *event;
	json_t *reply;
	size_t i;
	int status;

	(void)context;
	status = lp_session_connect(session);
	if (!status)
		status = lp_session_request(session, &(struct lp_request){ .type = SUTURE_LOG },
					    &reply);
	if (status)
		return status;
	if (session->options->json) {
		lp_output_json(session->pid, NULL, reply);
	} else {
		lp_output_line(session->pid, session->comm, "%zu events",
			       json_array_size(json_object_get(reply, "events")));
		json_array_foreach(json_object_get(reply, "events"), i, event)
			print_event(event);
	}
	json_decref(reply);
	return LP_EXIT_DONE;
}

int lp_cmd_log(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.summary = "What the agent did, with local times.",
		.groups = LP_OPTIONS_TARGET,
	};
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	status = lp_session_each(&options, log_one, NULL);
	lp_options_deinit(&options);
	return status;
}
