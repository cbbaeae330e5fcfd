/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "file.h"
#include "error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

static int create_memfd(void)
{
	/* with vm.memfd_noexec a memfd must say that it holds code; older kernels do not know it */
	int fd = memfd_create(SUTURE_AGENT_FILE, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(SUTURE_AGENT_FILE, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

static int copy(int to, int from)
{
	struct stat stat;
	off_t done = 0;
	ssize_t n = 1;

	if (fstat(from, &stat))
		return -errno;
	while (done < stat.st_size && n > 0)
		n = sendfile(to, from, &done, (size_t)(stat.st_size - done));
	if (n < 0)
		return -errno;
	if (!stat.st_size || done != stat.st_size)
		return -EIO;
	/* what the target maps is what was read here */
	if (fcntl(to, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
		return -errno;
	return 0;
}

int lp_agent_file(const char *path, struct lp_inject_error *error)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), to, result;

	if (from < 0)
		return lp_error_set(error, -errno, "system", "the agent %s cannot be opened: %s",
				    path, strerror(errno));
	to = create_memfd();
	result = to < 0 ? to : copy(to, from);
	close(from);
	if (!result)
		return to;
	if (to >= 0)
		close(to);
	return lp_error_set(error, result, "system", "the agent %s cannot be copied: %s", path,
			    strerror(-result));
}
