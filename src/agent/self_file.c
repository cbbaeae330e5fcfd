// SPDX-License-Identifier: LGPL-2.1-or-later
#include "self_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "proc.h"
#include "sys.h"

static int self_fd = -1;

void lp_self_file_init(int proc_self_fd)
{
	self_fd = proc_self_fd;
}

int lp_self_file_open(const char *name, int flags)
{
	/* A fork's copy of the descriptor names the parent's directory, where no such task is. */
	char path[64], *p = path;

	if (strlen(name) > 32)
		return -ENAMETOOLONG;
	if (self_fd < 0) {
		p = lp_put_text(p, "/proc/thread-self/");
	} else {
		p = lp_put_text(p, "task/");
		p = lp_put_number(p, (uint64_t)lp_sys(__NR_gettid));
		p = lp_put_text(p, "/");
	}
	*lp_put_text(p, name) = '\0';
	return (int)lp_sys(__NR_openat, self_fd >= 0 ? self_fd : AT_FDCWD, path, flags | O_CLOEXEC,
			   0);
}
