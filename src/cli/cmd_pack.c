// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_pack.c - suture pack FIX.c --target ELF... [--cflags '...'] -o FIX.lp */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <jansson.h>

#include "build/pack.h"
#include "command.h"
#include "messages.h"
#include "output.h"
#include "path.h"

enum { KEY_TARGET = 0x100, KEY_CFLAGS, KEY_DEBUG_FILE, KEY_JSON };

struct pack {
	struct lp_pack_options options;
	const char **targets, **debug_files; /* room for one per argument */
	bool json;
	struct lp_messages messages;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct pack *pack = state->input;
	struct lp_pack_options *options = &pack->options;

	switch (key) {
	case KEY_TARGET:
		pack->targets[options->n_targets++] = text;
		return 0;
	case KEY_DEBUG_FILE:
		pack->debug_files[options->n_debug_files++] = text;
		return 0;
	case KEY_CFLAGS:
		options->cflags = text;
		return 0;
	case KEY_JSON:
		pack->json = true;
		return 0;
	case 'o':
		options->output = text;
		return 0;
	case ARGP_KEY_ARG:
		if (options->source)
			argp_error(state, "one source file only: %s", text);
		options->source = text;
		return 0;
	case ARGP_KEY_END:
		if (!options->source || !options->output || !options->n_targets)
			argp_error(state, "FIX.c, --target and -o are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void parse(struct pack *pack, int argc, char **argv)
{
	static const struct argp_option taken[] = {
		{ "target", KEY_TARGET, "ELF", 0,
		  "a program or shared object that the patch is for (repeatable)", 1 },
		{ "debug-file", KEY_DEBUG_FILE, "FILE", 0,
		  "a separate debug file of a target (repeatable; default: by build-id)", 1 },
		{ "cflags", KEY_CFLAGS, "FLAGS", 0, "more flags for the compiler", 2 },
		{ "output", 'o', "FIX.lp", 0, "the file to be made", 3 },
		{ "json", KEY_JSON, NULL, 0, "one JSON object, for scripts", 5 },
		{ 0 }
	};
	static const struct argp argp = {
		taken,
		parse_option,
		"FIX.c",
		"Compiles a patch written in C with $CC (default: cc) and packs it for its targets.",
		NULL,
		NULL,
		NULL
	};

	argp_err_exit_status = LP_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, pack))
		exit(LP_EXIT_USAGE);
}

static void print_json(const struct pack *pack, int result)
{
	json_t *body = json_object();

	lp_messages_put(&pack->messages, body, pack->options.output, result);
	lp_output_json(0, NULL, body);
	json_decref(body);
}

static int run(struct pack *pack)
{
	char include_dir[LP_PATH_SIZE];
	int result;

	lp_messages_open(&pack->messages, pack->json);
	pack->options.include_dir = lp_path_include(include_dir);
	pack->options.cc = getenv("CC");
	pack->options.targets = pack->targets;
	pack->options.debug_files = pack->debug_files;
	pack->options.report = lp_messages_report;
	pack->options.context = &pack->messages;
	result = lp_pack(&pack->options);
	if (pack->json)
		print_json(pack, result);
	else if (!result)
		printf("%s\n", pack->options.output);
	lp_messages_close(&pack->messages);
	return lp_messages_exit(result);
}

int lp_cmd_pack(int argc, char **argv)
{
	struct pack pack = {
		.targets = calloc((size_t)argc, sizeof(char *)),
		.debug_files = calloc((size_t)argc, sizeof(char *)),
	};
	int status = LP_EXIT_FAILED;

	if (pack.targets && pack.debug_files) {
		parse(&pack, argc, argv);
		status = run(&pack);
	}
	free(pack.targets);
	free(pack.debug_files);
	return status;
}
