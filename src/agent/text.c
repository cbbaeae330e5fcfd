/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/mman.h>

#include "object.h"
#include "sys.h"

#define PAGE 4096ull
#define BLOCK 8u

int lp_text_init(void)
{
	long r = lp_sys(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);

	return r < 0 ? (int)r : 0;
}

void lp_text_barrier(void)
{
	lp_sys_raw(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0, 0, 0, 0);
}

/* Executable throughout: tasks may be running in the page. */
static int open_page(uint64_t addr)
{
	long r = lp_sys(__NR_mprotect, addr & ~(PAGE - 1), PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);

	return r < 0 ? (int)r : 0;
}

static void close_page(uint64_t addr)
{
	lp_sys_raw(__NR_mprotect, (long)(addr & ~(PAGE - 1)), PAGE, PROT_READ | PROT_EXEC, 0, 0, 0);
}

static int replace_block(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size)
{
	uint64_t block = addr & ~(uint64_t)(BLOCK - 1);
	uint8_t bytes[BLOCK];
	uint64_t value;
	int r;

	if (lp_peek(block, bytes, BLOCK) < 0 || memcmp(bytes + (addr - block), from, size) != 0)
		return -EUCLEAN;
	r = open_page(addr);
	if (r < 0)
		return r;
	memcpy(bytes + (addr - block), to, size);
	memcpy(&value, bytes, sizeof(value));
	__atomic_store_n((uint64_t *)block, value, __ATOMIC_SEQ_CST);
	close_page(addr);
	return 0;
}

int lp_text_replace(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size)
{
	if (size > BLOCK - addr % BLOCK)
		return -EINVAL;
	return replace_block(addr, from, to, size);
}

int lp_text_replace_dead(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size)
{
	size_t done = 0;
	int r = 0;

	while (r == 0 && done < size) {
		size_t part = BLOCK - (addr + done) % BLOCK;

		if (part > size - done)
			part = size - done;
		r = replace_block(addr + done, from + done, to + done, part);
		if (r == 0)
			done += part;
	}
	if (r < 0 && done) /* back to what it was */
		(void)lp_text_replace_dead(addr, to, from, done);
	return r;
}
