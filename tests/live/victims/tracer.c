// SPDX-License-Identifier: LGPL-2.1-or-later
/* tracer.c - traces the process it is given, as a debugger does, and lets it run. */
#include <sys/ptrace.h>

#include "victim.h"

int main(int argc, char **argv)
{
	static const struct victim_command commands[] = { {} };

	if (argc != 2 || ptrace(PTRACE_SEIZE, atoi(argv[1]), NULL, NULL))
		return 2;
	return victim_run(commands);
}
