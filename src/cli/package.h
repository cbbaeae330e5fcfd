/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * package.h - the .lp that a command sends to agents, and which processes it is for.
 *
 * What is no .lp at all is refused here, before any process is touched. The agent verifies the
 * file by itself.
 */
#ifndef LP_CLI_PACKAGE_H
#define LP_CLI_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "client.h"
#include "options.h"

struct lp_info;
struct lp_seen_file;

struct lp_package {
	int fd;
	const char *name; /* without directory */
	struct lp_info *info;
	/* ours */
	struct lp_seen_file *seen; /* files of processes that were looked at already */
	size_t n_seen;
};

/* LP_EXIT_DONE, or what was printed: the file cannot be read, or is no .lp. */
int lp_package_open(struct lp_package *package, const char *path, bool json);
void lp_package_close(struct lp_package *package);

/* Whether the process maps a build that the patch is for; a lp_target_filter. */
bool lp_package_fits(pid_t pid, void *package);

/* The request that applies it as the options say, with more flags of enum suture_apply_flag. */
void lp_package_request(const struct lp_package *package, const struct lp_options *options,
			uint32_t flags, struct suture_apply *payload, struct lp_request *request);

#endif
