// SPDX-License-Identifier: LGPL-2.1-or-later
/* place.c - see place.h. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place.h"
#include "units/disk.h"

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

/* The user and group stay who they are. */
static int map_ids(uid_t uid, gid_t gid)
{
	char map[64];
	int err = lp_disk_write("/proc/self/setgroups", "deny", 4);

	if (err && err != -ENOENT)
		return err;
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	err = lp_disk_write("/proc/self/uid_map", map, strlen(map));
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	return err ? err : lp_disk_write("/proc/self/gid_map", map, strlen(map));
}

static int enter(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int err = 0;

	if (unshare(CLONE_NEWNS)) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
			return -errno;
		err = map_ids(uid, gid);
	}
	if (!err && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		err = -errno;
	return err;
}

int lp_place_try(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(-enter() & 0xff);
	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
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
