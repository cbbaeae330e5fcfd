/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overlay.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "alloc.h"
#include "near.h"
#include "object.h"
#include "sys.h"

#define PAGE 4096ull
#ifndef MREMAP_MAYMOVE
#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED 2
#endif
#define DONTUNMAP 4 /* MREMAP_DONTUNMAP, Linux 5.7; of file mappings since 5.13 */

struct overlay {
	struct overlay *next;
	uint64_t page;
	uint64_t aside; /* the page's own mapping */
	uint8_t *alias; /* while it is held: where to write to it */
};

static struct overlay *overlays;

static struct overlay *find(uint64_t addr)
{
	struct overlay *overlay = overlays;

	while (overlay && overlay->page != (addr & ~(PAGE - 1)))
		overlay = overlay->next;
	return overlay;
}

bool lp_overlay_has(uint64_t addr)
{
	return find(addr);
}

static bool is_error(long result)
{
	return result < 0 && result > -4096;
}

/* A second mapping of the same page of the same file. */
static long keep_aside(uint64_t page)
{
	return lp_sys(__NR_mremap, page, PAGE, PAGE, MREMAP_MAYMOVE | DONTUNMAP, 0);
}

static int move_over(uint64_t from, uint64_t to)
{
	long r = lp_sys(__NR_mremap, from, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);

	return is_error(r) ? (int)r : 0;
}

/* What is in the page now, executable and writable somewhere else; nobody runs it yet. */
static int copy_page(uint64_t page, struct lp_near *copy)
{
	int r = lp_near_map_code(copy, 0, 0, PAGE);

	if (r < 0)
		return r;
	r = lp_peek(page, copy->alias, PAGE);
	if (r < 0)
		lp_near_unmap(copy);
	return r;
}

/* The copy's writable view stays; without success the copy is gone. */
static int cover(uint64_t page, struct lp_near *copy)
{
	int r = move_over(copy->addr, page);

	if (r < 0)
		lp_near_unmap(copy);
	else
		copy->addr = page;
	return r;
}

/* Private changes of the page went aside with its mapping: on failure that must come back. */
static int cover_first(struct overlay *overlay, struct lp_near *copy)
{
	long aside = keep_aside(overlay->page);
	int r;

	if (is_error(aside)) {
		lp_near_unmap(copy);
		return (int)aside;
	}
	overlay->aside = (uint64_t)aside;
	r = cover(overlay->page, copy);
	if (r < 0 && move_over(overlay->aside, overlay->page) < 0)
		lp_sys_raw(__NR_munmap, aside, PAGE, 0, 0, 0, 0);
	return r;
}

int lp_overlay_create(uint64_t addr)
{
	struct overlay *overlay = lp_alloc(sizeof(*overlay));
	struct lp_near copy;
	int r;

	if (!overlay)
		return -ENOMEM;
	overlay->page = addr & ~(PAGE - 1);
	r = copy_page(overlay->page, &copy);
	if (r == 0)
		r = cover_first(overlay, &copy);
	if (r < 0) {
		lp_free(overlay);
		return r;
	}
	lp_near_seal(&copy);
	overlay->next = overlays;
	overlays = overlay;
	return 0;
}

static int store_in_new_copy(struct overlay *overlay, uint64_t addr, uint64_t value)
{
	struct lp_near copy;
	int r = copy_page(overlay->page, &copy);

	if (r < 0)
		return r;
	memcpy(copy.alias + addr % PAGE, &value, sizeof(value));
	r = cover(overlay->page, &copy);
	if (r == 0)
		lp_near_seal(&copy);
	return r;
}

int lp_overlay_store(uint64_t addr, uint64_t value)
{
	struct overlay *overlay = find(addr);

	if (!overlay->alias)
		return store_in_new_copy(overlay, addr, value);
	__atomic_store_n((uint64_t *)(overlay->alias + addr % PAGE), value, __ATOMIC_SEQ_CST);
	return 0;
}

int lp_overlay_hold(uint64_t addr)
{
	struct overlay *overlay = find(addr);
	struct lp_near copy;
	int r = copy_page(overlay->page, &copy);

	if (r == 0)
		r = cover(overlay->page, &copy);
	if (r == 0)
		overlay->alias = copy.alias;
	return r;
}

/* The page's own mapping again, if the copy is the same. */
static bool bring_back(const struct overlay *overlay)
{
	uint8_t own[PAGE], now[PAGE];

	return lp_peek(overlay->aside, own, PAGE) == 0 && lp_peek(overlay->page, now, PAGE) == 0 &&
	       memcmp(own, now, PAGE) == 0 && move_over(overlay->aside, overlay->page) == 0;
}

void lp_overlay_settle(uint64_t addr)
{
	struct overlay *overlay = find(addr), **link = &overlays;

	if (overlay->alias)
		lp_sys_raw(__NR_munmap, (long)overlay->alias, PAGE, 0, 0, 0, 0);
	overlay->alias = NULL;
	if (!bring_back(overlay))
		return;
	while (*link != overlay)
		link = &(*link)->next;
	*link = overlay->next;
	lp_free(overlay);
}
