// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_build.c - suture build --source DIR --patch FIX.patch --target ELF... -o FIX.lp */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <jansson.h>

#include "build/build.h"
#include "command.h"
#include "core/reason.h"
#include "guard.h"
#include "messages.h"
#include "options.h"
#include "output.h"
#include "path.h"
#include "trial.h"

enum {
	KEY_SOURCE = 0x100,
	KEY_PATCH,
	KEY_TARGET,
	KEY_MAKE,
	KEY_CLEAN,
	KEY_DEBUG_FILE,
	KEY_LEAVE,
	KEY_ACCEPT,
	KEY_ADD,
	KEY_CFLAGS,
	KEY_CC,
	KEY_START,
	KEY_TEST,
	KEY_TEST_TIMEOUT,
	KEY_KEEP,
	KEY_FROM,
	KEY_JSON,
};

#define PHASES_MAX 16

struct phase {
	char name[16];
	double seconds;
};

struct build {
	struct lp_build_options options;
	const char **targets, **debug_files, **leave, **accept,
		**adds; /* one per argument, and NULL */
	size_t n_leave, n_accept;
	const char *start, *test;
	uint32_t test_timeout_ms;
	bool json;
	bool bar; /* progress is shown on a terminal */
	struct lp_messages messages;
	struct phase phases[PHASES_MAX];
	size_t n_phases;
	struct timespec since; /* the phase that runs */
};

static error_t parse_from(struct build *build, const char *text, struct argp_state *state)
{
	if (!strcmp(text, "match"))
		build->options.from_objects = true;
	else if (strcmp(text, "start") != 0)
		argp_error(state, "--from: start or match, not %s", text);
	return 0;
}

static error_t check(const struct build *build, struct argp_state *state)
{
	const struct lp_build_options *o = &build->options;

	if (o->from_objects && !o->work)
		argp_error(state, "--from match needs the directory of an earlier --keep");
	if (!o->from_objects && (!o->source || !o->patch))
		argp_error(state, "--source and --patch are needed");
	if (!o->n_targets || !o->output)
		argp_error(state, "--target and -o are needed");
	if (!build->start != !build->test)
		argp_error(state, "--start and --test belong together");
	if (build->test && !o->source)
		argp_error(state, "--test needs --source");
	return 0;
}

static error_t parse_test(int key, char *text, struct argp_state *state)
{
	struct build *build = state->input;

	switch (key) {
	case KEY_START:
		build->start = text;
		return 0;
	case KEY_TEST:
		build->test = text;
		return 0;
	case KEY_TEST_TIMEOUT:
		if (lp_duration_parse(text, &build->test_timeout_ms) || !build->test_timeout_ms)
			argp_error(state, "not a time: %s (say 500ms, 30s or 2m)", text);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument: %s", text);
		return 0;
	case ARGP_KEY_END:
		return check(build, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct build *build = state->input;
	struct lp_build_options *options = &build->options;

	switch (key) {
	case KEY_SOURCE:
		options->source = text;
		return 0;
	case KEY_PATCH:
		options->patch = text;
		return 0;
	case KEY_TARGET:
		build->targets[options->n_targets++] = text;
		return 0;
	case KEY_DEBUG_FILE:
		build->debug_files[options->n_debug_files++] = text;
		return 0;
	case KEY_MAKE:
		options->make = text;
		return 0;
	case KEY_CLEAN:
		options->clean = text;
		return 0;
	case KEY_LEAVE:
		build->leave[build->n_leave++] = text;
		return 0;
	case KEY_ACCEPT:
		build->accept[build->n_accept++] = text;
		return 0;
	case KEY_ADD:
		build->adds[options->n_adds++] = text;
		return 0;
	case KEY_CFLAGS:
		options->cflags = text;
		return 0;
	case KEY_CC:
		options->cc = text;
		return 0;
	case KEY_KEEP:
		options->work = text;
		return 0;
	case KEY_FROM:
		return parse_from(build, text, state);
	case KEY_JSON:
		build->json = true;
		return 0;
	case 'o':
		options->output = text;
		return 0;
	default:
		return parse_test(key, text, state);
	}
}

static void parse(struct build *build, int argc, char **argv)
{
	static const struct argp_option taken[] = {
		{ "source", KEY_SOURCE, "DIR", 0,
		  "the program's source tree, as it was built; it is only read", 1 },
		{ "patch", KEY_PATCH, "FIX.patch", 0, "the fix, a unified diff", 1 },
		{ "target", KEY_TARGET, "ELF", 0,
		  "a program or shared object that runs, or will (repeatable)", 1 },
		{ "debug-file", KEY_DEBUG_FILE, "FILE", 0,
		  "a separate debug file of a target (repeatable; default: by build-id)", 1 },
		{ "output", 'o', "FIX.lp", 0, "the file to be made", 1 },
		{ "make", KEY_MAKE, "COMMAND", 0,
		  "how the tree is built, run in it (default: make -jN)", 2 },
		{ "clean", KEY_CLEAN, "COMMAND", 0, "run before, to build everything again", 2 },
		{ "leave", KEY_LEAVE, "FUNCTION", 0,
		  "leave a function as it is, although it changes (repeatable)", 3 },
		{ "accept", KEY_ACCEPT, "TYPE", 0,
		  "accept that the layout of a type changes (repeatable)", 3 },
		{ "add", KEY_ADD, "FILE", 0,
		  "a C source or object written by hand: callbacks, states (repeatable)", 3 },
		{ "cflags", KEY_CFLAGS, "FLAGS", 0, "more flags for the compiler of --add", 3 },
		{ "cc", KEY_CC, "CC", 0, "the compiler of --add (default: $CC, or cc)", 3 },
		{ "start", KEY_START, "COMMAND", 0,
		  "for --test: starts the program, in the foreground or as a daemon", 4 },
		{ "test", KEY_TEST, "COMMAND", 0,
		  "asks the patched program, and the rebuilt one: what it says must be the same",
		  4 },
		{ "test-timeout", KEY_TEST_TIMEOUT, "TIME", 0,
		  "how long each --test may take (units ms, s, m; default 60s)", 4 },
		{ "keep", KEY_KEEP, "DIR", 0, "keep what each phase makes there", 5 },
		{ "from", KEY_FROM, "PHASE", 0,
		  "match: take the objects that --keep has kept, and compile nothing", 5 },
		{ "json", KEY_JSON, NULL, 0, "one JSON object, for scripts", 6 },
		{ 0 }
	};
	static const struct argp argp = {
		taken, parse_option,
		NULL,  "Makes a patch for running programs from a fix of their source.",
		NULL,  NULL,
		NULL
	};

	argp_err_exit_status = LP_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, build))
		exit(LP_EXIT_USAGE);
}

static double seconds_since(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - since->tv_sec) + (double)(now.tv_nsec - since->tv_nsec) / 1e9;
}

static void end_phase(struct build *build)
{
	if (build->n_phases)
		build->phases[build->n_phases - 1].seconds = seconds_since(&build->since);
	if (build->bar)
		fputs("\r\033[K", stderr);
}

static void show_bar(const char *phase, unsigned int done, unsigned int total)
{
	static const char full[] = "########################";
	unsigned int width = total ? (unsigned int)(sizeof(full) - 1) * done / total : 0;

	if (total)
		fprintf(stderr, "\r\033[K%-8s [%-24.*s] %u/%u", phase, (int)width, full, done,
			total);
	else
		fprintf(stderr, "\r\033[K%-8s", phase);
}

static void progress(void *context, const char *phase, unsigned int done, unsigned int total)
{
	struct build *build = context;
	struct phase *last = build->n_phases ? &build->phases[build->n_phases - 1] : NULL;

	if (!last || strncmp(last->name, phase, sizeof(last->name) - 1) != 0) {
		end_phase(build);
		clock_gettime(CLOCK_MONOTONIC, &build->since);
		if (build->n_phases < PHASES_MAX)
			snprintf(build->phases[build->n_phases++].name, sizeof(last->name), "%s",
				 phase);
	}
	if (build->bar)
		show_bar(phase, done, total);
}

static void report(void *context, enum lp_severity severity, const char *reason, const char *text)
{
	struct build *build = context;

	if (build->bar)
		fputs("\r\033[K", stderr);
	lp_messages_report(&build->messages, severity, reason, text);
}

/* trial: what became of --test, NULL: nothing. */
static void print_json(const struct build *build, const struct lp_build_result *made, int result,
		       json_t *trial)
{
	json_t *body = json_object(), *phases = json_object(), *replaced = json_array();

	lp_messages_put(&build->messages, body, build->options.output, result);
	if (trial) {
		json_object_set(body, "test", trial);
		if (json_array_size(build->messages.kept[LP_ERROR]))
			json_object_set(body, "reasons", build->messages.kept[LP_ERROR]);
	}
	for (size_t i = 0; i < build->n_phases; i++)
		json_object_set_new(phases, build->phases[i].name,
				    json_real(build->phases[i].seconds));
	for (size_t i = 0; i < made->n_replaced; i++)
		json_array_append_new(replaced, json_string(made->replaced[i]));
	json_object_set_new(body, "replaced", replaced);
	json_object_set_new(body, "compiled", json_integer((json_int_t)made->n_units));
	json_object_set_new(body, "changed", json_integer((json_int_t)made->n_changed));
	json_object_set_new(body, "functions", json_integer((json_int_t)made->n_functions));
	json_object_set_new(body, "matched", json_integer((json_int_t)made->n_matched));
	json_object_set_new(body, "seconds", phases);
	lp_output_json(0, NULL, body);
	json_decref(body);
}

static void print_summary(const struct build *build, const struct lp_build_result *made)
{
	printf("%s: %zu functions replaced", build->options.output, made->n_replaced);
	for (size_t i = 0; i < made->n_replaced; i++)
		printf("%s %s", i ? "," : ":", made->replaced[i]);
	printf("\n%zu sources compiled because of the diff, %zu changed; %zu of their %zu functions are "
	       "what the targets run\n",
	       made->n_units, made->n_changed, made->n_matched, made->n_functions);
}

static void print_trial(const json_t *trial)
{
	const json_t *patched = json_object_get(trial, "patched");
	const char *diff = lp_reply_string(trial, "diff");

	if (json_is_true(json_object_get(trial, "same")))
		printf("the test says the same of the patched program and of the rebuilt one (%zu bytes, "
		       "status %lld)\n",
		       strlen(lp_reply_string(patched, "output")),
		       lp_reply_integer(patched, "status"));
	fputs(diff, stdout);
	if (*diff && diff[strlen(diff) - 1] != '\n')
		putchar('\n');
}

static int try(struct build *build, json_t **trial)
{
	const struct lp_trial_options options = {
		.start = build->start,
		.test = build->test,
		.timeout_ms = build->test_timeout_ms,
		.source = build->options.source,
		.work = build->options.work,
		.targets = build->targets,
		.n_targets = build->options.n_targets,
		.patch = build->options.output,
		.progress = progress,
		.context = build,
		.messages = &build->messages,
	};

	return lp_trial_run(&options, trial);
}

/* The .lp is made: the summary, and the test if there is one. */
static int finish(struct build *build, const struct lp_build_result *made, json_t **trial)
{
	int result = 0;

	if (!build->json)
		print_summary(build, made);
	fflush(stdout);
	if (build->test) {
		result = try(build, trial);
		end_phase(build);
	}
	if (*trial && !build->json)
		print_trial(*trial);
	return result;
}

static void complete(struct build *build, char include_dir[LP_PATH_SIZE])
{
	struct lp_build_options *options = &build->options;

	if (!options->cc)
		options->cc = getenv("CC");
	options->include_dir = lp_path_include(include_dir);
	options->targets = build->targets;
	options->debug_files = build->debug_files;
	options->leave = build->leave;
	options->accept = build->accept;
	options->adds = build->adds;
	options->report = report;
	options->progress = progress;
	options->context = build;
}

static int run(void *context)
{
	struct build *build = context;
	struct lp_build_options *options = &build->options;
	struct lp_build_result made;
	char recorder[LP_PATH_SIZE], include_dir[LP_PATH_SIZE];
	json_t *trial = NULL;
	int result, tried = 0;

	if (!options->from_objects && !(options->recorder = lp_path_recorder(recorder))) {
		lp_output_error(build->json, 0, "system",
				"suture-recorder.so is not beside the agent; reinstall");
		return LP_EXIT_FAILED;
	}
	build->bar = !build->json && isatty(STDERR_FILENO);
	lp_messages_open(&build->messages, build->json);
	complete(build, include_dir);
	result = lp_build(options, &made);
	end_phase(build);
	if (!result)
		tried = finish(build, &made, &trial);
	if (build->json)
		print_json(build, &made, result, trial);
	json_decref(trial);
	lp_build_result_free(&made);
	lp_messages_close(&build->messages);
	return lp_messages_exit(result ? result : tried);
}

/* errno says why there is no directory of the guard's. */
static void report_directory(bool json)
{
	const char *parent = getenv("TMPDIR");
	char message[4096 + 256];

	snprintf(message, sizeof(message), "no directory can be made in %s: %s",
		 parent && *parent ? parent : "/tmp", strerror(errno));
	lp_output_error(json, 0, lp_reason_word(LP_REASON_SYSTEM), message);
}

/* What is made on the way is in a directory of the guard's, which removes it whatever happens. */
static int run_guarded(struct build *build)
{
	char *temporary = NULL;
	int status;

	if (!build->options.work) {
		temporary = lp_guard_directory();
		if (!temporary) {
			report_directory(build->json);
			return LP_EXIT_FAILED;
		}
		build->options.work = temporary;
	}
	status = lp_guard_run(run, build, temporary);
	free(temporary);
	return status;
}

int lp_cmd_build(int argc, char **argv)
{
	size_t room = (size_t)argc + 1;
	const char **lists = calloc(5 * room, sizeof(*lists));
	struct build build = { .targets = lists, .test_timeout_ms = LP_TRIAL_TIMEOUT_DEFAULT_MS };
	int status = LP_EXIT_FAILED;

	if (lists) {
		build.debug_files = lists + room;
		build.leave = lists + 2 * room;
		build.accept = lists + 3 * room;
		build.adds = lists + 4 * room;
		parse(&build, argc, argv);
		status = run_guarded(&build);
	}
	free(lists);
	return status;
}
