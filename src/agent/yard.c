/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "yard.h"

#include <errno.h>

#include "alloc.h"

#define CODE_SIZE (16u << 10)
#define DATA_SIZE (4u << 10)

static struct lp_yard *yards;

static bool has_room(const struct lp_yard *yard, size_t code_size, size_t data_size)
{
	return yard->code.size - yard->code_used >= code_size + 16 &&
	       yard->data.size - yard->data_used >= data_size;
}

static struct lp_yard *create(uint64_t lo, uint64_t hi, int *error)
{
	struct lp_yard *yard = lp_alloc(sizeof(*yard));
	uint64_t reach_lo, reach_hi;

	*error = -ENOMEM;
	if (!yard)
		return NULL;
	yard->lo = lo;
	yard->hi = hi;
	*error = lp_near_map_code(&yard->code, lo, hi, CODE_SIZE);
	if (*error < 0)
		goto no_code;
	/* slots must be near the code as well as near the object */
	reach_lo = lo < yard->code.addr ? lo : yard->code.addr;
	reach_hi = hi > yard->code.addr + CODE_SIZE ? hi : yard->code.addr + CODE_SIZE;
	*error = lp_near_map_data(&yard->data, reach_lo, reach_hi, DATA_SIZE);
	if (*error < 0)
		goto no_data;
	yard->next = yards;
	yards = yard;
	return yard;
no_data:
	lp_near_unmap(&yard->code);
no_code:
	lp_free(yard);
	return NULL;
}

struct lp_yard *lp_yard_get(uint64_t lo, uint64_t hi, size_t code_size, size_t data_size,
			    int *error)
{
	struct lp_yard *yard = yards;

	while (yard && !(yard->lo == lo && yard->hi == hi && has_room(yard, code_size, data_size)))
		yard = yard->next;
	if (!yard)
		yard = create(lo, hi, error);
	if (yard)
		yard->users++;
	return yard;
}

void lp_yard_put(struct lp_yard *yard)
{
	struct lp_yard **link = &yards;

	if (--yard->users)
		return;
	while (*link != yard)
		link = &(*link)->next;
	*link = yard->next;
	lp_near_unmap(&yard->data);
	lp_near_unmap(&yard->code);
	lp_free(yard);
}

size_t lp_yard_take_code(struct lp_yard *yard, size_t size)
{
	size_t offset = (yard->code_used + 15) & ~(size_t)15;

	yard->code_used = offset + size;
	return offset;
}

uint64_t *lp_yard_take_slot(struct lp_yard *yard)
{
	uint64_t *slot = (uint64_t *)(yard->data.addr + yard->data_used);

	yard->data_used += sizeof(*slot);
	return slot;
}
