/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "alloc.h"
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

/* The program may have its code writable: then it was written to. */
static bool was_writable;

/*
 * Executable throughout: tasks may be running in the page. Where that is forbidden the page gets a
 * copy; never one that was written to, because for a moment its place shows what the file has.
 */
static int make_writable(uint64_t addr)
{
	long r = lp_sys(__NR_mprotect, addr & ~(PAGE - 1), PAGE,
			PROT_READ | PROT_WRITE | PROT_EXEC);

	if (r == 0)
		was_writable = true;
	else if ((r == -EACCES || r == -EPERM) && !was_writable)
		r = lp_overlay_create(addr);
	return r < 0 ? (int)r : 0;
}

static void make_readonly(uint64_t addr)
{
	if (lp_overlay_has(addr))
		lp_overlay_settle(addr);
	else
		lp_sys_raw(__NR_mprotect, (long)(addr & ~(PAGE - 1)), PAGE, PROT_READ | PROT_EXEC,
			   0, 0, 0);
}

/* Pages that are kept writable, see lp_text_hold(). */
struct held {
	struct held *next;
	uint64_t page;
	unsigned int count;
};

static struct held *held_pages;

static struct held **find_held(uint64_t addr)
{
	struct held **link = &held_pages;

	while (*link && (*link)->page != (addr & ~(PAGE - 1)))
		link = &(*link)->next;
	return link;
}

static int open_page(uint64_t addr)
{
	int r = lp_overlay_has(addr) ? 0 : make_writable(addr);

	if (r < 0 || !lp_overlay_has(addr))
		return r;
	r = lp_overlay_hold(addr);
	if (r < 0)
		lp_overlay_settle(addr);
	return r;
}

static int hold_page(uint64_t addr)
{
	struct held *held = *find_held(addr);
	int r;

	if (held) {
		held->count++;
		return 0;
	}
	held = lp_alloc(sizeof(*held));
	if (!held)
		return -ENOMEM;
	r = open_page(addr);
	if (r < 0) {
		lp_free(held);
		return r;
	}
	*held = (struct held){ held_pages, addr & ~(PAGE - 1), 1 };
	held_pages = held;
	return 0;
}

static void release_page(uint64_t addr)
{
	struct held **link = find_held(addr), *held = *link;

	if (--held->count)
		return;
	make_readonly(addr);
	*link = held->next;
	lp_free(held);
}

int lp_text_hold(uint64_t addr, size_t size)
{
	uint64_t last = addr + size - 1;
	int r = hold_page(addr);

	if (r < 0 || addr / PAGE == last / PAGE)
		return r;
	r = hold_page(last);
	if (r < 0)
		release_page(addr);
	return r;
}

void lp_text_release(uint64_t addr, size_t size)
{
	uint64_t last = addr + size - 1;

	release_page(addr);
	if (addr / PAGE != last / PAGE)
		release_page(last);
}

static int store(uint64_t addr, uint64_t value)
{
	bool is_held = *find_held(addr);
	int r = is_held || lp_overlay_has(addr) ? 0 : make_writable(addr);

	if (r < 0)
		return r;
	if (lp_overlay_has(addr))
		r = lp_overlay_store(addr, value);
	else
		__atomic_store_n((uint64_t *)addr, value, __ATOMIC_SEQ_CST);
	if (!is_held)
		make_readonly(addr);
	return r;
}

/* A held page is there: reading it takes no descriptor, and cannot fail. */
static int read_text(uint64_t addr, uint8_t *bytes, size_t size)
{
	if (!*find_held(addr) || !*find_held(addr + size - 1))
		return lp_peek(addr, bytes, size);
	memcpy(bytes, (const void *)addr, size);
	return 0;
}

static int replace_block(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size)
{
	uint64_t block = addr & ~(uint64_t)(BLOCK - 1);
	uint8_t bytes[BLOCK];
	uint64_t value;
	int r = read_text(block, bytes, BLOCK);

	if (r < 0)
		return r;
	if (memcmp(bytes + (addr - block), from, size) != 0)
		return -EUCLEAN;
	memcpy(bytes + (addr - block), to, size);
	memcpy(&value, bytes, sizeof(value));
	return store(block, value);
}

int lp_text_probe(uint64_t addr)
{
	int r = lp_overlay_has(addr) ? 0 : make_writable(addr);

	if (r == 0)
		make_readonly(addr);
	return r;
}

int lp_text_replace(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size)
{
	if (size > BLOCK - addr % BLOCK)
		return -EINVAL;
	return replace_block(addr, from, to, size);
}

/* In a held page: nothing but foreign bytes can stop it, and the way back neither. */
static int replace_held(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size)
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
		(void)replace_held(addr, to, from, done);
	return r;
}

/* Read before the page is made writable: it may be anybody's by now. */
int lp_text_replace_dead(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size)
{
	uint8_t bytes[LP_TEXT_DEAD_MAX];
	int r = size <= sizeof(bytes) ? read_text(addr, bytes, size) : -EINVAL;

	if (r < 0)
		return r;
	if (memcmp(bytes, from, size) != 0)
		return -EUCLEAN;
	r = lp_text_hold(addr, size);
	if (r < 0)
		return r;
	r = replace_held(addr, from, to, size);
	lp_text_release(addr, size);
	return r;
}
