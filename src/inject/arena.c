/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * arena.c - finds malloc's thread_arena, so that the agent's thread can use the main arena: one
 * of its own would be a 64 MiB mapping that stays when the thread is gone.
 */
#include "target.h"
#include "sys.h"

#include <errno.h>
#include <string.h>

#define TLS_WINDOW 65536 /* bytes below the thread pointer that are looked through */
/* struct malloc_state since glibc 2.27 (malloc/malloc.c): words from its start */
#define STATE_WORDS 0x113 /* up to max_system_mem */
#define STATE_TOP 12
#define STATE_BINS 14
#define BINS 127
#define STATE_NEXT 0x10e

/*
 * An arena's 127 bins are lists through their own heads: an empty one, as nearly all are, points
 * to itself, in both directions. Nothing else in libc's data looks like that.
 */
static bool is_arena(pid_t tid, uint64_t addr)
{
	uint64_t state[STATE_WORDS];
	unsigned int empty = 0;

	if (lp_sys_read(tid, addr, state, sizeof(state)))
		return false;
	for (unsigned int i = 0; i < BINS; i++) {
		uint64_t head = addr + 8 * (STATE_BINS + 2 * i) - 16;
		const uint64_t *bin = &state[STATE_BINS + 2 * i];

		if (!bin[0] || (bin[0] == head) != (bin[1] == head))
			return false;
		empty += bin[0] == head;
	}
	return empty > BINS / 2 && state[STATE_TOP] && state[STATE_NEXT];
}

int lp_target_arena(const struct lp_target *target, uint64_t thread_pointer, int64_t *offset,
		    uint64_t *arena)
{
	const struct lp_map *map = lp_maps_find(&target->maps, thread_pointer - 8);
	uint64_t words[TLS_WINDOW / 8], lo, found = 0;
	size_t count, index = 0, n = 0;

	*offset = 0;
	*arena = 0;
	if (!map)
		return -ENOENT;
	lo = thread_pointer - map->lo > sizeof(words) ? thread_pointer - sizeof(words) : map->lo;
	count = (thread_pointer - lo) / 8;
	if (lp_sys_read(target->live, lo, words, count * 8))
		return -ENOENT;
	for (size_t i = 0; i < count; i++) {
		if (words[i] < target->libc.data_lo || words[i] >= target->libc.data_hi ||
		    words[i] % 16 || !is_arena(target->live, words[i]))
			continue;
		found = words[i];
		index = i;
		n++;
	}
	if (n != 1)
		return -ENOENT;
	*offset = (int64_t)(lo + index * 8 - thread_pointer);
	*arena = found;
	return 0;
}
