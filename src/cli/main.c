// SPDX-License-Identifier: LGPL-2.1-or-later
/* main.c - the table of commands. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "core/reason.h"
#include "output.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "build", lp_cmd_build, "make a .lp from a fix of the source, a unified diff" },
	{ "pack", lp_cmd_pack, "compile a patch written in C into a .lp" },
	{ "info", lp_cmd_info, "what a .lp contains, and for whom" },
	{ "check", lp_cmd_check, "dry run: does it fit, what conflicts, which tasks would block" },
	{ "apply", lp_cmd_apply, "bring a patch into running processes" },
	{ "disable", lp_cmd_disable, "take a patch out again" },
	{ "undo", lp_cmd_undo, "bring back what the last apply replaced" },
	{ "reverse", lp_cmd_reverse, "turn the transition in progress around" },
	{ "force", lp_cmd_force, "complete the transition in progress at once" },
	{ "set", lp_cmd_set, "change a property of an enabled patch" },
	{ "status", lp_cmd_status, "patches, transition and blockers" },
	{ "list", lp_cmd_list, "names of the enabled patches" },
	{ "log", lp_cmd_log, "the event log, with times" },
	{ "attach", lp_cmd_attach, "bring the agent into processes" },
	{ "detach", lp_cmd_detach, "take the agent out of processes" },
};

static void print_usage(FILE *stream)
{
	fputs("Usage: suture COMMAND [ARGUMENT...] [OPTION...]\n"
	      "Replaces functions of running programs, thread by thread.\n\n",
	      stream);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stream, "  %-9s %s\n", commands[i].name, commands[i].summary);
	fputs("\n`suture COMMAND --help` lists the options of a command; suture(1) has the rest.\n",
	      stream);
}

static int run_command(int argc, char **argv)
{
	char name[64];

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		snprintf(name, sizeof(name), "suture %s", commands[i].name);
		argv[1] = name;
		return commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "suture: no such command: %s\nTry `suture --help'.\n", argv[1]);
	return LP_EXIT_USAGE;
}

/* A report that could not be written (full disk, closed pipe) is not done; nor is argp's --help. */
static void check_output(int status, void *context)
{
	(void)context;
	if (!fflush(stdout) && !ferror(stdout))
		return;
	lp_output_error(false, 0, lp_reason_word(LP_REASON_SYSTEM),
			"standard output could not be written");
	_exit(status == LP_EXIT_DONE ? LP_EXIT_FAILED : status);
}

int main(int argc, char **argv)
{
	/* A target that dies in the middle of a request is an error to report, not our end. */
	signal(SIGPIPE, SIG_IGN);
	on_exit(check_output, NULL);
	if (argc < 2) {
		print_usage(stderr);
		return LP_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "help")) {
		print_usage(stdout);
		return LP_EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("suture " LP_VERSION);
		return LP_EXIT_DONE;
	}
	return run_command(argc, argv);
}
