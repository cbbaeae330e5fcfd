/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "namespace.h"

/* The user and group stay who they are, so that files belong to whom they did. */
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

int lp_namespace_unshare(int others)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (!unshare(CLONE_NEWNS | others))
		return 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | others) < 0)
		return -errno;
	return map_ids(uid, gid);
}

int lp_namespace_make_private(void)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

int lp_namespace_try(int others)
{
	pid_t child = fork();
	int status;

	if (!child) {
		int err = lp_namespace_unshare(others);

		_exit(-(err ? err : lp_namespace_make_private()) & 0xff);
	}
	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
}
