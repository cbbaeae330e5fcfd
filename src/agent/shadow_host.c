/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shadow_host.h"

#include <linux/futex.h>
#include <stdlib.h>

#include "sys.h"

#define SIG_SETMASK 2

struct lp_shadow lp_shadow_variables;

/*
 * futex: 0 free, else the process id of whoever has it << 1, and 1 if somebody waits. By the id a
 * forked child knows a lock that was copied while a thread had it that the child does not have.
 */
static uint32_t locked;
static uint64_t mask_before; /* of the thread that has the lock */

/*
 * The program's own malloc: called by its own threads, in code that takes the place of its own. The
 * agent's memory (alloc.h) is for one thread only.
 */
static void *shadow_alloc(void *host, size_t size)
{
	(void)host;
	return calloc(1, size);
}

static void shadow_free(void *host, void *memory)
{
	(void)host;
	free(memory);
}

static uint32_t own_pid(void)
{
	return (uint32_t)lp_sys_raw(__NR_getpid, 0, 0, 0, 0, 0, 0);
}

bool lp_shadow_host_is_stuck(void)
{
	uint32_t now = __atomic_load_n(&locked, __ATOMIC_RELAXED);

	return now && now >> 1 != own_pid();
}

/* With all signals blocked, so that handlers may allocate and free variables too. */
static void shadow_lock(void *host)
{
	const uint64_t all = ~0ull;
	uint32_t mine = own_pid() << 1, seen = 0;
	uint64_t before;

	(void)host;
	lp_sys_raw(__NR_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before, 8, 0, 0);
	if (!__atomic_compare_exchange_n(&locked, &seen, mine, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		while (__atomic_exchange_n(&locked, mine | 1, __ATOMIC_ACQUIRE))
			lp_sys_raw(__NR_futex, (long)&locked, FUTEX_WAIT_PRIVATE, mine | 1, 0, 0,
				   0);
	mask_before = before;
}

static void shadow_unlock(void *host)
{
	uint64_t before = mask_before;

	(void)host;
	if (__atomic_exchange_n(&locked, 0, __ATOMIC_RELEASE) & 1)
		lp_sys_raw(__NR_futex, (long)&locked, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
	lp_sys_raw(__NR_rt_sigprocmask, SIG_SETMASK, (long)&before, 0, 8, 0, 0);
}

void lp_shadow_host_init(void)
{
	static const struct lp_shadow_host host = {
		.alloc = shadow_alloc,
		.free = shadow_free,
		.lock = shadow_lock,
		.unlock = shadow_unlock,
	};

	/* where the program's memory lies is as good a secret as it has */
	lp_shadow_init(&lp_shadow_variables, &host, NULL, (uint64_t)(uintptr_t)&host);
}

void lp_shadow_host_deinit(void)
{
	lp_shadow_deinit(&lp_shadow_variables);
}
