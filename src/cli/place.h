/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place.h - a view of the file system of one's own, in which files lie at the place of others: a mount
 * namespace, which ends with its processes.
 */
#ifndef LP_CLI_PLACE_H
#define LP_CLI_PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct lp_mount {
	char *from, *at; /* both directories, or both files; absolute, without links */
};

struct lp_place {
	struct lp_mount *mounts; /* in their order; malloc'ed */
	size_t count;
};

/* Takes both strings, NULL too (-ENOMEM then). 0 or -errno. */
int lp_place_add(struct lp_place *place, char *from, char *at);
void lp_place_deinit(struct lp_place *place);

/* Whether this user may have one here: 0, or why not, as -errno. */
int lp_place_try(void);

/*
 * Enters it, for this process and those that it starts, and stays in the directory of this name. 0, or -errno and
 * *culprit: what could not be mounted, or "".
 */
int lp_place_enter(const struct lp_place *place, const char **culprit);

#endif
