// SPDX-License-Identifier: LGPL-2.1-or-later
#include "self_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sys.h"

static int self_fd = -1;

void lp_self_file_init(int proc_self_fd)
{
	self_fd = proc_self_fd;
}

int lp_self_file_open(const char *name, int flags)
{
	/* By way of "..": a fork's copy of the descriptor still names the parent's directory. */
	const char *prefix = self_fd >= 0 ? "../thread-self/" : "/proc/thread-self/";
	size_t prefix_size = strlen(prefix), name_size = strlen(name);
	char path[64];

	if (prefix_size + name_size >= sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path, prefix, prefix_size);
	memcpy(path + prefix_size, name, name_size + 1);
	return (int)lp_sys(__NR_openat, self_fd >= 0 ? self_fd : AT_FDCWD, path, flags | O_CLOEXEC,
			   0);
}
