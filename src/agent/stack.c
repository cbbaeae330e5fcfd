/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stack.h"

#include <asm/signal.h>
#include <errno.h>

#include "object.h"
#include "sys.h"

#define PAGE 4096u
#define PTHREAD_MAX 8192 /* struct pthread of glibc has about 2,300 bytes */

/* the kernel's struct sigaction */
struct action {
	uint64_t handler, flags, restorer, mask;
};

static bool is_own_block(const uint64_t *block, uint64_t fs_base)
{
	uint64_t here = (uint64_t)(uintptr_t)&block;

	return block[0] && block[0] % PAGE == 0 && block[1] % PAGE == 0 && here >= block[0] &&
	       here < fs_base && fs_base - block[0] < block[1] &&
	       block[0] + block[1] - fs_base < PTHREAD_MAX;
}

int lp_stacks_init(uint64_t fs_base)
{
	uint64_t block[2];

	lp_stacks.block_offset = 0;
	for (int64_t at = 8; at < PTHREAD_MAX; at += 8) {
		if (lp_peek(fs_base + (uint64_t)at, block, sizeof(block)) < 0)
			break;
		if (!is_own_block(block, fs_base))
			continue;
		if (lp_stacks.block_offset)
			return -ENOTSUP; /* not the struct pthread that we know */
		lp_stacks.block_offset = at;
	}
	return lp_stacks.block_offset ? 0 : -ENOTSUP;
}

static void note(uint64_t restorer)
{
	for (int i = 0; i < LP_RESTORERS_MAX; i++) {
		uint64_t *slot = &lp_stacks.restorers[i];

		if (*slot == restorer)
			return;
		if (!*slot) {
			__atomic_store_n(slot, restorer, __ATOMIC_RELAXED);
			return;
		}
	}
}

void lp_stacks_note_restorers(void)
{
	struct action action;

	for (int signal = 1; signal <= 64; signal++)
		if (lp_sys(__NR_rt_sigaction, signal, 0, &action, 8) == 0 && action.handler > 1 &&
		    action.restorer)
			note(action.restorer);
}
