/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options.h - the options that commands share, parsed by argp.
 *
 * A command says which groups of options it takes; its file holds nothing else about parsing.
 */
#ifndef LP_CLI_OPTIONS_H
#define LP_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <suture/control.h>

enum lp_option_group {
	LP_OPTIONS_TARGET = 1 << 0, /* --pid, --name, --object, --all */
	LP_OPTIONS_WAIT = 1 << 1, /* --timeout, --no-wait */
	LP_OPTIONS_DEADLINE = 1 << 2, /* --on-timeout */
	LP_OPTIONS_CONFLICT = 1 << 3, /* --replace-conflicting, --override */
	LP_OPTIONS_WATCH = 1 << 4, /* --watch */
	LP_OPTIONS_LOOKS = 1 << 5, /* --for, --hold */
	LP_OPTIONS_UNDO = 1 << 7, /* --no-undo */
};

enum lp_selector_kind { LP_SELECT_PID, LP_SELECT_NAME, LP_SELECT_OBJECT, LP_SELECT_ALL };

struct lp_selector {
	enum lp_selector_kind kind;
	pid_t pid;
	const char *text; /* COMM or FILE, borrowed from argv */
};

/* How a command is called. */
struct lp_syntax {
	const char *arguments; /* as shown by --help: "FIX.lp" */
	const char *summary;
	unsigned int groups; /* enum lp_option_group; --json is always there */
	unsigned int min_arguments, max_arguments; /* at most LP_ARGUMENTS_MAX */
	bool all_is_default; /* no selector means --all; else it is a usage error */
};

#define LP_ARGUMENTS_MAX 2
#define LP_TIMEOUT_DEFAULT_MS 30000
#define LP_FOR_DEFAULT_MS 1000

struct lp_options {
	const char *arguments[LP_ARGUMENTS_MAX];
	unsigned int n_arguments;
	struct lp_selector *selectors; /* in the order given */
	size_t n_selectors;
	bool json;
	bool watch;
	bool no_wait;
	bool replace_conflicting;
	bool override;
	bool no_undo;
	uint32_t timeout_ms; /* default LP_TIMEOUT_DEFAULT_MS; 0: none */
	enum suture_on_timeout on_timeout;
	uint32_t for_ms; /* to go on looking; default LP_FOR_DEFAULT_MS; 0: one look */
	bool hold; /* stop what runs for a look at it */
};

/* Fills in *options; exits with LP_EXIT_USAGE, or after --help or --version. */
void lp_options_parse(struct lp_options *options, const struct lp_syntax *syntax, int argc,
		      char **argv);
void lp_options_deinit(struct lp_options *options);

/* Whether the processes were selected by nothing but --all: that there is none is no error then. */
bool lp_options_only_all(const struct lp_options *options);

/* "30s", "500ms", "2m" or seconds without a unit, to milliseconds. 0 or -EINVAL, -ERANGE. */
int lp_duration_parse(const char *text, uint32_t *duration_ms);

#endif
