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
	struct lp_near copy; /* mapped executable somewhere, until it is moved over the page */
};

static struct overlay *overlays;

static struct overlay *find(uint64_t addr)
{
	struct overlay *overlay = overlays;

	while (overlay && overlay->page != (addr & ~(PAGE - 1)))
		overlay = overlay->next;
	return overlay;
}

uint64_t *lp_overlay_find(uint64_t addr)
{
	struct overlay *overlay = find(addr);

	return overlay ? (uint64_t *)(overlay->copy.alias + addr % PAGE) : NULL;
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

static int fill_and_cover(struct overlay *overlay)
{
	uint8_t bytes[PAGE];
	int r = lp_peek(overlay->aside, bytes, PAGE);

	if (r == 0)
		r = lp_near_write(&overlay->copy, 0, bytes, PAGE);
	if (r == 0)
		r = move_over(overlay->copy.addr, overlay->page);
	if (r == 0)
		overlay->copy.addr = overlay->page;
	return r;
}

int lp_overlay_create(uint64_t addr)
{
	struct overlay *overlay = lp_alloc(sizeof(*overlay));
	long aside;
	int r;

	if (!overlay)
		return -ENOMEM;
	overlay->page = addr & ~(PAGE - 1);
	r = lp_near_map_code(&overlay->copy, 0, 0, PAGE);
	if (r < 0)
		goto no_copy;
	aside = keep_aside(overlay->page);
	r = (int)aside;
	if (is_error(aside))
		goto no_aside;
	overlay->aside = (uint64_t)aside;
	r = fill_and_cover(overlay);
	if (r < 0)
		goto not_covered;
	overlay->next = overlays;
	overlays = overlay;
	return 0;
not_covered:
	lp_sys_raw(__NR_munmap, (long)overlay->aside, PAGE, 0, 0, 0, 0);
no_aside:
	lp_near_unmap(&overlay->copy);
no_copy:
	lp_free(overlay);
	return r;
}

void lp_overlay_settle(uint64_t addr)
{
	struct overlay *overlay = find(addr), **link = &overlays;
	uint8_t bytes[PAGE];

	if (!overlay || lp_peek(overlay->aside, bytes, PAGE) < 0 ||
	    memcmp(bytes, overlay->copy.alias, PAGE) != 0 ||
	    move_over(overlay->aside, overlay->page) < 0)
		return;
	while (*link != overlay)
		link = &(*link)->next;
	*link = overlay->next;
	lp_near_seal(&overlay->copy);
	lp_free(overlay);
}
