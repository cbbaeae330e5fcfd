// SPDX-License-Identifier: LGPL-2.1-or-later
/* options.c - see options.h. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "options.h"

const char *argp_program_version = "suture " LP_VERSION;

/* clang-format off */
enum { KEY_JSON = 0x100, KEY_PID, KEY_NAME, KEY_OBJECT, KEY_ALL, KEY_TIMEOUT, KEY_ON_TIMEOUT,
       KEY_NO_WAIT, KEY_REPLACE_CONFLICTING, KEY_OVERRIDE, KEY_NO_UNDO, KEY_WATCH,
       KEY_FOR, KEY_HOLD };

static const struct {
	unsigned int group; /* 0: always */
	struct argp_option option;
} all_options[] = {
	{ LP_OPTIONS_TARGET, { "pid", KEY_PID, "N", 0, "this process (repeatable)", 1 } },
	{ LP_OPTIONS_TARGET, { "name", KEY_NAME, "COMM", 0, "every process of this name", 1 } },
	{ LP_OPTIONS_TARGET, { "object", KEY_OBJECT, "FILE", 0, "every process that maps FILE", 1 } },
	{ LP_OPTIONS_TARGET, { "all", KEY_ALL, NULL, 0,
			       "every process that has an agent; apply and check: every process "
			       "that runs a build which the patch was made for", 1 } },
	{ LP_OPTIONS_WAIT, { "timeout", KEY_TIMEOUT, "TIME", 0,
			     "how long the transition may take (units ms, s, m; default 30s; "
			     "0: no limit)", 2 } },
	{ LP_OPTIONS_DEADLINE, { "on-timeout", KEY_ON_TIMEOUT, "leave|reverse|force", 0,
				 "what becomes of it then (default: leave)", 2 } },
	{ LP_OPTIONS_WAIT, { "no-wait", KEY_NO_WAIT, NULL, 0,
			     "return when the transition has started", 2 } },
	{ LP_OPTIONS_CONFLICT, { "replace-conflicting", KEY_REPLACE_CONFLICTING, NULL, 0,
				 "replace the patches that are in conflict", 3 } },
	{ LP_OPTIONS_CONFLICT, { "override", KEY_OVERRIDE, NULL, 0,
				 "replace also what is not replaceable", 3 } },
	{ LP_OPTIONS_UNDO, { "no-undo", KEY_NO_UNDO, NULL, 0,
			     "do not keep what is replaced for `suture undo`", 3 } },
	{ LP_OPTIONS_WATCH, { "watch", KEY_WATCH, NULL, 0, "redraw until interrupted", 4 } },
	{ LP_OPTIONS_LOOKS, { "for", KEY_FOR, "TIME", 0,
			      "look at tasks that would block for so long, to see which of them do "
			      "so all the time (default 1s; 0: look once)", 4 } },
	{ LP_OPTIONS_LOOKS, { "hold", KEY_HOLD, NULL, 0,
			      "stop threads that compute, for a few ms at a time, to look at them, too", 4 } },
	{ 0, { "json", KEY_JSON, NULL, 0, "one JSON object per line, for scripts", 5 } },
};
/* clang-format on */
#define N_OPTIONS (sizeof(all_options) / sizeof(all_options[0]))

struct parsing {
	struct lp_options *options;
	const struct lp_syntax *syntax;
};

int lp_duration_parse(const char *text, uint32_t *duration_ms)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 } };
	char *end;
	unsigned long long number;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || number > UINT32_MAX)
		return -ERANGE;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit))
			continue;
		if (number * units[i].ms > UINT32_MAX)
			return -ERANGE;
		*duration_ms = (uint32_t)(number * units[i].ms);
		return 0;
	}
	return -EINVAL;
}

static pid_t parse_pid(const char *text, struct argp_state *state)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || *end || end == text || number <= 0 || number > INT32_MAX)
		argp_error(state, "not a process id: %s", text);
	return (pid_t)number;
}

static enum suture_on_timeout parse_on_timeout(const char *text, struct argp_state *state)
{
	static const char *const words[] = {
		[SUTURE_LEAVE] = "leave",
		[SUTURE_REVERSE_IT] = "reverse",
		[SUTURE_FORCE_IT] = "force",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(text, words[i]))
			return (enum suture_on_timeout)i;
	argp_error(state, "--on-timeout is leave, reverse or force, not %s", text);
	return SUTURE_LEAVE;
}

static void add_selector(struct argp_state *state, struct lp_selector selector)
{
	struct lp_options *options = ((struct parsing *)state->input)->options;
	struct lp_selector *grown = reallocarray(options->selectors, options->n_selectors + 1,
						 sizeof(*grown));

	if (!grown)
		argp_failure(state, LP_EXIT_FAILED, ENOMEM, "options");
	options->selectors = grown;
	grown[options->n_selectors++] = selector;
}

static void add_argument(struct argp_state *state, const char *argument)
{
	const struct parsing *parsing = state->input;

	if (parsing->options->n_arguments >= parsing->syntax->max_arguments)
		argp_error(state, "too many arguments: %s", argument);
	parsing->options->arguments[parsing->options->n_arguments++] = argument;
}

static void finish(struct argp_state *state)
{
	const struct parsing *parsing = state->input;
	const struct lp_syntax *syntax = parsing->syntax;

	if (parsing->options->n_arguments < syntax->min_arguments)
		argp_error(state, "missing argument: %s", syntax->arguments);
	if (!(syntax->groups & LP_OPTIONS_TARGET) || parsing->options->n_selectors)
		return;
	if (!syntax->all_is_default)
		argp_error(state, "say which processes: --pid, --name, --object or --all");
	add_selector(state, (struct lp_selector){ .kind = LP_SELECT_ALL });
}

static error_t parse_waiting(int key, char *text, struct argp_state *state)
{
	struct lp_options *options = ((struct parsing *)state->input)->options;

	switch (key) {
	case KEY_TIMEOUT:
		if (lp_duration_parse(text, &options->timeout_ms))
			argp_error(state, "not a time: %s (say 500ms, 30s or 2m)", text);
		return 0;
	case KEY_ON_TIMEOUT:
		options->on_timeout = parse_on_timeout(text, state);
		return 0;
	case KEY_NO_WAIT:
		options->no_wait = true;
		return 0;
	case KEY_HOLD:
		options->hold = true;
		return 0;
	case KEY_FOR:
		if (lp_duration_parse(text, &options->for_ms))
			argp_error(state, "not a time: %s (say 500ms, 30s or 2m)", text);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_selecting(int key, char *text, struct argp_state *state)
{
	switch (key) {
	case KEY_PID:
		add_selector(state, (struct lp_selector){ .kind = LP_SELECT_PID,
							  .pid = parse_pid(text, state) });
		return 0;
	case KEY_NAME:
		add_selector(state, (struct lp_selector){ .kind = LP_SELECT_NAME, .text = text });
		return 0;
	case KEY_OBJECT:
		add_selector(state, (struct lp_selector){ .kind = LP_SELECT_OBJECT, .text = text });
		return 0;
	case KEY_ALL:
		add_selector(state, (struct lp_selector){ .kind = LP_SELECT_ALL });
		return 0;
	default:
		return parse_waiting(key, text, state);
	}
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct lp_options *options = ((struct parsing *)state->input)->options;

	switch (key) {
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_REPLACE_CONFLICTING:
		options->replace_conflicting = true;
		return 0;
	case KEY_NO_UNDO:
		options->no_undo = true;
		return 0;
	case KEY_OVERRIDE:
		options->override = true;
		return 0;
	case KEY_WATCH:
		options->watch = true;
		return 0;
	case ARGP_KEY_ARG:
		add_argument(state, text);
		return 0;
	case ARGP_KEY_END:
		finish(state);
		return 0;
	default:
		return parse_selecting(key, text, state);
	}
}

void lp_options_parse(struct lp_options *options, const struct lp_syntax *syntax, int argc,
		      char **argv)
{
	struct argp_option taken[N_OPTIONS + 1] = { { 0 } };
	struct parsing parsing = { options, syntax };
	const struct argp argp = { taken, parse_option, syntax->arguments, syntax->summary, NULL,
				   NULL,  NULL };
	size_t n = 0;

	for (size_t i = 0; i < N_OPTIONS; i++)
		if (!all_options[i].group || (all_options[i].group & syntax->groups))
			taken[n++] = all_options[i].option;
	*options = (struct lp_options){ .timeout_ms = LP_TIMEOUT_DEFAULT_MS,
					.for_ms = LP_FOR_DEFAULT_MS };
	argp_err_exit_status = LP_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &parsing))
		exit(LP_EXIT_USAGE);
}

bool lp_options_only_all(const struct lp_options *options)
{
	for (size_t i = 0; i < options->n_selectors; i++)
		if (options->selectors[i].kind != LP_SELECT_ALL)
			return false;
	return true;
}

void lp_options_deinit(struct lp_options *options)
{
	free(options->selectors);
	*options = (struct lp_options){ 0 };
}
