/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/mman.h>

#include "object.h"
#include "overlay.h"
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
static int make_writable(uint64_t addr)
{
	long r = lp_sys(__NR_mprotect, addr & ~(PAGE - 1), PAGE,
			PROT_READ | PROT_WRITE | PROT_EXEC);

	return r < 0 ? (int)r : 0;
}

static void make_readonly(uint64_t addr)
{
	lp_sys_raw(__NR_mprotect, (long)(addr & ~(PAGE - 1)), PAGE, PROT_READ | PROT_EXEC, 0, 0, 0);
}

static int store(uint64_t addr, uint64_t value)
{
	uint64_t *copy = lp_overlay_find(addr);
	int r = 0;

	if (!copy) {
		r = make_writable(addr);
		if (r == 0) {
			__atomic_store_n((uint64_t *)addr, value, __ATOMIC_SEQ_CST);
			make_readonly(addr);
			return 0;
		}
		r = lp_overlay_create(addr);
		copy = lp_overlay_find(addr);
	}
	if (!copy)
		return r;
	__atomic_store_n(copy, value, __ATOMIC_SEQ_CST);
	lp_overlay_settle(addr);
	return 0;
}

static int replace_block(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size)
{
	uint64_t block = addr & ~(uint64_t)(BLOCK - 1);
	uint8_t bytes[BLOCK];
	uint64_t value;

	if (lp_peek(block, bytes, BLOCK) < 0 || memcmp(bytes + (addr - block), from, size) != 0)
		return -EUCLEAN;
	memcpy(bytes + (addr - block), to, size);
	memcpy(&value, bytes, sizeof(value));
	return store(block, value);
}

int lp_text_probe(uint64_t addr)
{
	int r;

	if (lp_overlay_find(addr))
		return 0;
	r = make_writable(addr);
	if (r == 0) {
		make_readonly(addr);
		return 0;
	}
	r = lp_overlay_create(addr);
	lp_overlay_settle(addr);
	return r;
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
