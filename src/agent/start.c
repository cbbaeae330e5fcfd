/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent in a program that preloads or links it: makes the pair and the thread by itself. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <suture/control.h>

#include "dl.h"
#include "sys.h"

#define EXPORT __attribute__((visibility("default")))

static struct suture_start start;

static void *run(void *unused)
{
	(void)unused;
	(void)suture_agent_run(&start);
	return NULL;
}

/* pthread_create got a new symbol version with GLIBC_2.34: asked for at run time instead. */
static int create_thread(void)
{
	int (*create)(void *, const void *, void *(*)(void *), void *);
	int (*detach)(unsigned long);
	uint64_t mask = LP_SIGNALS_BLOCKED, before;
	unsigned long thread;
	int r;

	*(void **)&create = lp_dl_symbol(NULL, "pthread_create", NULL);
	*(void **)&detach = lp_dl_symbol(NULL, "pthread_detach", NULL);
	if (!create || !detach)
		return -ENOTSUP;
	lp_sys(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &mask, &before, 8);
	r = create(&thread, NULL, run, NULL);
	lp_sys(__NR_rt_sigprocmask, 2, &before, 0, 8);
	if (r == 0)
		detach(thread);
	return -r;
}

EXPORT int suture_agent_start(void)
{
	int pair[2], r;

	if (start.size)
		return -EALREADY;
	r = (int)lp_sys(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
	if (r < 0)
		return r;
	start = (struct suture_start){
		.size = sizeof(start),
		.agent_fd = pair[0],
		.client_fd = pair[1],
		.proc_fd = -1,
	};
	r = create_thread();
	if (r < 0) {
		lp_sys_raw(__NR_close, pair[0], 0, 0, 0, 0, 0);
		lp_sys_raw(__NR_close, pair[1], 0, 0, 0, 0, 0);
		memset(&start, 0, sizeof(start));
	}
	return r;
}
