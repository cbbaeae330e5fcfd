/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stale.h"
#include "sys.h"
#include "task.h"

#include <errno.h>

static bool is_region(const struct lp_map *code, const struct lp_map *data)
{
	return !code->inode && code->execute && !code->write &&
	       code->hi - code->lo == LP_BOOT_PAGE && !data->inode && data->write &&
	       data->lo == code->hi;
}

static bool is_stale(const struct lp_target *target, uint64_t addr, struct lp_boot *boot)
{
	return !lp_sys_read(target->live, addr, boot, sizeof(*boot)) &&
	       boot->magic == LP_BOOT_MAGIC && boot->self == addr && boot->state == LP_BOOT_DONE &&
	       lp_task_by_ns(target->pid, boot->tid) < 0;
}

int lp_stale_find(const struct lp_target *target, uint64_t *addr, uint64_t *size)
{
	const struct lp_map *maps = target->maps.maps;
	struct lp_boot boot;

	for (size_t i = 1; i < target->maps.count; i++) {
		if (!is_region(&maps[i - 1], &maps[i]) || !is_stale(target, maps[i].lo, &boot) ||
		    boot.size > maps[i].hi - maps[i - 1].lo)
			continue;
		*addr = maps[i - 1].lo;
		*size = boot.size;
		return 0;
	}
	return -ENOENT;
}
