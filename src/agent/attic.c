/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attic.h"

#include "alloc.h"
#include "sys.h"

struct box {
	struct box *next; /* younger */
	uint64_t addr;
	size_t size;
};

static struct box *oldest, **youngest = &oldest;
static size_t total;

static void throw_away_oldest(void)
{
	struct box *box = oldest;

	oldest = box->next;
	if (!oldest)
		youngest = &oldest;
	total -= box->size;
	lp_sys(__NR_munmap, box->addr, box->size);
	lp_free(box);
}

void lp_attic_keep(uint64_t addr, size_t size)
{
	struct box *box = size ? lp_alloc(sizeof(*box)) : NULL;

	if (!box) {
		if (size)
			lp_sys(__NR_munmap, addr, size);
		return;
	}
	box->addr = addr;
	box->size = size;
	*youngest = box;
	youngest = &box->next;
	total += size;
	while (total > LP_ATTIC_MAX && oldest != box)
		throw_away_oldest();
}

void lp_attic_deinit(void)
{
	while (oldest)
		throw_away_oldest();
}
