/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "marker.h"

#include <string.h>

#define MARKER_SIZE 32
#define PAGE 4096ull

/* movb $1, flag(%rip); jmp *target(%rip); the target behind it */
static void assemble(uint8_t *bytes, uint64_t at, uint64_t flag, uint64_t target)
{
	int32_t to_flag = (int32_t)(flag - (at + 7)), to_target = 16 - 13;

	memset(bytes, 0xcc, MARKER_SIZE);
	memcpy(bytes, "\xc6\x05", 2);
	memcpy(bytes + 2, &to_flag, 4);
	bytes[6] = 1;
	memcpy(bytes + 7, "\xff\x25", 2);
	memcpy(bytes + 9, &to_target, 4);
	memcpy(bytes + 16, &target, 8);
}

static size_t whole_pages(size_t size)
{
	return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

int lp_markers_create(struct lp_markers *markers, const uint64_t *targets, unsigned int count)
{
	size_t size = whole_pages((size_t)count * MARKER_SIZE);
	int r = lp_near_map_code(&markers->code, 0, 0, size);

	if (r < 0)
		return r;
	r = lp_near_map_data(&markers->flags, markers->code.addr, markers->code.addr + size,
			     whole_pages(count));
	for (unsigned int i = 0; i < count && r == 0; i++) {
		uint8_t bytes[MARKER_SIZE];

		assemble(bytes, lp_marker_addr(markers, i), markers->flags.addr + i, targets[i]);
		r = lp_near_write(&markers->code, (size_t)i * MARKER_SIZE, bytes, MARKER_SIZE);
	}
	if (r < 0)
		lp_markers_destroy(markers);
	else
		lp_near_seal(&markers->code);
	return r;
}

void lp_markers_destroy(struct lp_markers *markers)
{
	if (markers->flags.addr)
		lp_near_unmap(&markers->flags);
	if (markers->code.addr)
		lp_near_unmap(&markers->code);
}

uint64_t lp_marker_addr(const struct lp_markers *markers, unsigned int i)
{
	return markers->code.addr + (uint64_t)i * MARKER_SIZE;
}

bool lp_marker_called(const struct lp_markers *markers, unsigned int i)
{
	return __atomic_load_n((const uint8_t *)(markers->flags.addr + i), __ATOMIC_RELAXED);
}
