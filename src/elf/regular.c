/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "regular.h"

/* What has been looked at, not what has its name by now. */
static int reopen(int fd)
{
	char path[32];
	int opened;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return opened < 0 ? -errno : opened;
}

int lp_regular_open(const char *path, uint64_t inode)
{
	int found = open(path, O_PATH | O_CLOEXEC), fd;
	struct stat st;

	if (found < 0)
		return -errno;
	if (fstat(found, &st) < 0)
		fd = -errno;
	else if (!S_ISREG(st.st_mode))
		fd = -EBADMSG;
	else if (inode && st.st_ino != inode)
		fd = -ESTALE;
	else
		fd = reopen(found);
	close(found);
	return fd;
}
