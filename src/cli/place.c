// SPDX-License-Identifier: LGPL-2.1-or-later
/* place.c - see place.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "place.h"
#include "units/namespace.h"

int lp_place_add(struct lp_place *place, char *from, char *at)
{
	struct lp_mount *grown = NULL;

	if (from && at)
		grown = reallocarray(place->mounts, place->count + 1, sizeof(*grown));
	if (!grown) {
		free(from);
		free(at);
		return -ENOMEM;
	}
	place->mounts = grown;
	grown[place->count++] = (struct lp_mount){ from, at };
	return 0;
}

void lp_place_deinit(struct lp_place *place)
{
	for (size_t i = 0; i < place->count; i++) {
		free(place->mounts[i].from);
		free(place->mounts[i].at);
	}
	free(place->mounts);
	*place = (struct lp_place){ 0 };
}

int lp_place_try(void)
{
	return lp_namespace_try(0);
}

static int enter(void)
{
	int err = lp_namespace_unshare(0);

	return err ? err : lp_namespace_make_private();
}

int lp_place_enter(const struct lp_place *place, const char **culprit)
{
	char *cwd = getcwd(NULL, 0);
	int err = cwd ? enter() : -errno;

	*culprit = "";
	for (size_t i = 0; i < place->count && !err; i++) {
		*culprit = place->mounts[i].at;
		if (mount(place->mounts[i].from, place->mounts[i].at, NULL, MS_BIND | MS_REC, NULL))
			err = -errno;
	}
	/* The old one is below what was mounted over it. */
	if (!err && chdir(cwd)) {
		*culprit = "the working directory";
		err = -errno;
	}
	free(cwd);
	return err;
}
