/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snapshot.h"

#include <string.h>

#include "object.h"

int lp_snapshot_take(struct lp_snapshot *snapshot, uint64_t sp, uint64_t end)
{
	snapshot->sp = sp;
	snapshot->size = end - sp <= sizeof(snapshot->words) ? end - sp : 0;
	return snapshot->size ? lp_peek(sp, snapshot->words, snapshot->size) : 0;
}

int lp_snapshot_read(void *context, uint64_t addr, void *bytes, size_t size)
{
	const struct lp_snapshot *snapshot = context;
	uint64_t at = addr - snapshot->sp;

	if (at >= snapshot->size || size > snapshot->size - at)
		return lp_peek(addr, bytes, size);
	memcpy(bytes, (const char *)snapshot->words + at, size);
	return 0;
}
