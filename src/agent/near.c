// SPDX-License-Identifier: LGPL-2.1-or-later
#include "near.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "gap.h"
#include "self_file.h"
#include "sys.h"

/* linux/memfd.h and mman.h of systems older than the kernels we run on */
#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1u
#endif
#define NEAR_MFD_NOEXEC_SEAL 8u
#define NEAR_MFD_EXEC 0x10u
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define PAGE 4096ul
#define TRIES 16 /* others may take a gap between looking and mapping, but not for ever */

void lp_near_init(int proc_self_fd)
{
	lp_self_file_init(proc_self_fd);
}

static bool is_error(long result)
{
	return result < 0 && result > -4096;
}

static size_t page_up(size_t size)
{
	return (size + PAGE - 1) & ~(PAGE - 1);
}

/* A fresh mapping at a free place near [lo, hi), nobody else's replaced. */
static long map_near(uint64_t lo, uint64_t hi, size_t size, int prot, int flags, int fd)
{
	if (!size)
		return -EINVAL;
	if (!lo && !hi)
		return lp_sys(__NR_mmap, 0, size, prot, flags, fd, 0);
	for (int i = 0; i < TRIES; i++) {
		uint64_t addr;
		long got = lp_gap_find(lo, hi, size, &addr);

		if (got < 0)
			return got;
		got = lp_sys(__NR_mmap, addr, size, prot, flags | MAP_FIXED_NOREPLACE, fd, 0);
		if (got == (long)addr || (is_error(got) && got != -EEXIST))
			return got;
		if (!is_error(got)) /* a kernel that takes the address for a hint */
			lp_sys(__NR_munmap, got, size);
	}
	return -EAGAIN;
}

static int map_anonymous(struct lp_near *near, uint64_t lo, uint64_t hi, size_t size, int prot,
			 int flags)
{
	long addr;

	size = page_up(size);
	addr = map_near(lo, hi, size, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (is_error(addr))
		return (int)addr;
	*near = (struct lp_near){ .addr = (uint64_t)addr, .size = size, .alias = NULL };
	return 0;
}

/*
 * The name must not contain SUTURE_AGENT_FILE. vm.memfd_noexec=2 forbids MFD_EXEC; such a file can
 * still be mapped executable, only not be run by execve().
 */
static int code_file_create(size_t size)
{
	static const char name[] = "suture-code";
	long fd = lp_sys(__NR_memfd_create, name, MFD_CLOEXEC | NEAR_MFD_EXEC);
	long ret;

	if (fd == -EINVAL)
		fd = lp_sys(__NR_memfd_create, name, MFD_CLOEXEC);
	else if (fd == -EACCES)
		fd = lp_sys(__NR_memfd_create, name, MFD_CLOEXEC | NEAR_MFD_NOEXEC_SEAL);
	if (fd < 0)
		return (int)fd;
	/* Memory is taken now: a store to a page that cannot be had would be a SIGBUS. */
	ret = lp_sys(__NR_fallocate, fd, 0, 0, size);
	if (ret < 0) {
		lp_sys(__NR_close, fd);
		return (int)ret;
	}
	return (int)fd;
}

/* Maps the file's pages executable at addr (with flags) and writable anywhere; the file is closed. */
static int map_code_file(struct lp_near *near, int fd, long addr, size_t size)
{
	long alias = lp_sys(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	lp_sys(__NR_close, fd);
	if (is_error(alias)) {
		lp_sys(__NR_munmap, addr, size);
		return (int)alias;
	}
	*near = (struct lp_near){ .addr = (uint64_t)addr, .size = size, .alias = (uint8_t *)alias };
	return 0;
}

int lp_near_map_code(struct lp_near *near, uint64_t lo, uint64_t hi, size_t size)
{
	long addr;
	int fd;

	size = page_up(size);
	fd = code_file_create(size);
	if (fd < 0)
		return fd;
	addr = map_near(lo, hi, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
	if (is_error(addr)) {
		lp_sys(__NR_close, fd);
		return (int)addr;
	}
	return map_code_file(near, fd, addr, size);
}

int lp_near_map_data(struct lp_near *near, uint64_t lo, uint64_t hi, size_t size)
{
	return map_anonymous(near, lo, hi, size, PROT_READ | PROT_WRITE, 0);
}

int lp_near_reserve(struct lp_near *near, uint64_t lo, uint64_t hi, size_t size)
{
	return map_anonymous(near, lo, hi, size, PROT_NONE, MAP_NORESERVE);
}

static bool is_part(const struct lp_near *reserved, size_t offset, size_t size)
{
	return size && !((offset | size) & (PAGE - 1)) && offset <= reserved->size &&
	       size <= reserved->size - offset;
}

int lp_near_fix_code(const struct lp_near *reserved, size_t offset, size_t size,
		     struct lp_near *part)
{
	uint64_t addr = reserved->addr + offset;
	long ret;
	int fd;

	if (!is_part(reserved, offset, size))
		return -EINVAL;
	fd = code_file_create(size);
	if (fd < 0)
		return fd;
	ret = lp_sys(__NR_mmap, addr, size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0);
	if (is_error(ret)) {
		lp_sys(__NR_close, fd);
		return (int)ret;
	}
	return map_code_file(part, fd, (long)addr, size);
}

int lp_near_fix_data(const struct lp_near *reserved, size_t offset, size_t size)
{
	long ret;

	if (!is_part(reserved, offset, size))
		return -EINVAL;
	ret = lp_sys(__NR_mmap, reserved->addr + offset, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	return is_error(ret) ? (int)ret : 0;
}

int lp_near_protect_rodata(const struct lp_near *reserved, size_t offset, size_t size)
{
	if (!is_part(reserved, offset, size))
		return -EINVAL;
	return (int)lp_sys(__NR_mprotect, reserved->addr + offset, size, PROT_READ);
}

bool lp_near_is_free(uint64_t addr)
{
	uint64_t page = addr & ~(PAGE - 1);
	long got = lp_sys(__NR_mmap, page, PAGE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (is_error(got))
		return false;
	lp_sys(__NR_munmap, got, PAGE);
	return (uint64_t)got == page;
}

int lp_near_write(const struct lp_near *code, size_t offset, const void *bytes, size_t size)
{
	if (!code->alias || offset > code->size || size > code->size - offset)
		return -EINVAL;
	memcpy(code->alias + offset, bytes, size);
	return 0;
}

void lp_near_seal(struct lp_near *code)
{
	if (code->alias)
		lp_sys(__NR_munmap, code->alias, code->size);
	code->alias = NULL;
}

void lp_near_unmap(struct lp_near *near)
{
	if (!near->addr)
		return;
	lp_near_seal(near);
	lp_sys(__NR_munmap, near->addr, near->size);
	*near = (struct lp_near){ .alias = NULL };
}
