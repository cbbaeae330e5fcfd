// SPDX-License-Identifier: LGPL-2.1-or-later
/* path.c - see path.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/reason.h"
#include "path.h"

/* The folder of the executable, without the last slash; "" if it is not known. */
static void own_folder(char folder[LP_PATH_SIZE])
{
	ssize_t length = readlink("/proc/self/exe", folder, LP_PATH_SIZE - 1);
	char *slash;

	folder[length > 0 ? length : 0] = '\0';
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
}

/* Joins; whether `probe` can be read below it. */
static bool try_folder(char path[LP_PATH_SIZE], const char *folder, const char *name,
		       const char *probe)
{
	char file[LP_PATH_SIZE];
	int length;

	length = snprintf(path, LP_PATH_SIZE, "%s%s%s", folder, *name ? "/" : "", name);
	if (length <= 0 || length >= LP_PATH_SIZE)
		return false;
	length = snprintf(file, sizeof(file), "%s%s", path, probe);
	return length < (int)sizeof(file) && !access(file, R_OK);
}

static int no_agent(const char *path, struct lp_inject_error *error)
{
	error->reason = lp_reason_word(LP_REASON_SYSTEM);
	snprintf(error->message, sizeof(error->message),
		 "the agent is not at %.400s; name it with SUTURE_AGENT", path);
	return -ENOENT;
}

int lp_path_agent(char path[LP_PATH_SIZE], struct lp_inject_error *error)
{
	const char *given = secure_getenv("SUTURE_AGENT");
	char folder[LP_PATH_SIZE];

	if (given && *given)
		return try_folder(path, given, "", "") ? 0 : no_agent(given, error);
	own_folder(folder);
	if (try_folder(path, folder, "suture-agent.so", "") ||
	    try_folder(path, folder, LP_AGENT_FROM_BIN, "") ||
	    try_folder(path, LP_AGENT_INSTALLED, "", ""))
		return 0;
	return no_agent(LP_AGENT_INSTALLED, error);
}

const char *lp_path_recorder(char path[LP_PATH_SIZE])
{
	struct lp_inject_error ignored;
	char *slash;

	if (lp_path_agent(path, &ignored) || !(slash = strrchr(path, '/')))
		return NULL;
	snprintf(slash + 1, LP_PATH_SIZE - (size_t)(slash + 1 - path), "suture-recorder.so");
	return access(path, R_OK) ? NULL : path;
}

const char *lp_path_include(char path[LP_PATH_SIZE])
{
	static const char header[] = "/suture/livepatch.h";
	char folder[LP_PATH_SIZE];

	own_folder(folder);
	if (try_folder(path, folder, LP_INCLUDE_FROM_BIN, header) ||
	    try_folder(path, LP_INCLUDE_INSTALLED, "", header))
		return path;
	return NULL;
}
