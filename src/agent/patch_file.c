// SPDX-License-Identifier: LGPL-2.1-or-later
#include "patch_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "patch_check.h"
#include "sys.h"

/* Reads exactly `size` bytes; a file that is shorter by now is bad. */
static int read_all(int fd, uint8_t *bytes, size_t size)
{
	size_t at = 0;

	while (at < size) {
		long n = lp_sys(__NR_pread64, fd, bytes + at, size - at, at);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		if (!n)
			return -EBADMSG;
		at += (size_t)n;
	}
	return 0;
}

static int file_size(int fd, size_t *size, const char **why)
{
	struct stat status;
	long ret = lp_sys(__NR_fstat, fd, &status);

	if (ret < 0)
		return (int)ret;
	*why = "it is not a regular file";
	if (!S_ISREG(status.st_mode))
		return -EBADMSG;
	*why = "the file is shorter than an ELF header";
	if (status.st_size < (long)sizeof(Elf64_Ehdr))
		return -EBADMSG;
	*why = "the file is too large";
	if (status.st_size > (long)LP_FILE_MAX_BYTES)
		return -EBADMSG;
	*size = (size_t)status.st_size;
	return 0;
}

int lp_patch_file_open(struct lp_patch_file *file, int fd, const char **why)
{
	struct lp_patch_file opened = { 0 };
	int ret = file_size(fd, &opened.size, why);

	if (ret < 0)
		return ret;
	opened.bytes = lp_alloc(opened.size);
	if (!opened.bytes)
		return -ENOMEM;
	*why = "the file became shorter while it was read";
	ret = read_all(fd, opened.bytes, opened.size);
	if (!ret) {
		*why = lp_elf_check(&opened);
		if (!*why)
			*why = lp_info_check(&opened);
		ret = *why ? -EBADMSG : 0;
	}
	if (ret < 0) {
		lp_free(opened.bytes);
		return ret;
	}
	*file = opened;
	return 0;
}

void lp_patch_file_close(struct lp_patch_file *file)
{
	lp_free(file->bytes);
	memset(file, 0, sizeof(*file));
}
