/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot.h - the few hundred bytes that run inside the target before the agent does and after it.
 *
 *	region (one mapping of the target's, `size` bytes from `self` - LP_BOOT_PAGE)
 *	+0              code page, R-X: the section lp_boot of boot.c. Also the stack's guard
 *	+LP_BOOT_PAGE   struct lp_boot, RW
 *	...             the agent thread's stack
 *	...             the stack lp_boot_enter() runs on, LP_BOOT_ENTER_STACK bytes
 *
 *	state     set by          meaning
 *	NEW       the client      no thread yet
 *	RUNNING   lp_boot_thread  agent being loaded, or at work
 *	DONE      lp_boot_thread  nothing of the agent is left; waits for `release`, then exits
 *
 * Used by src/inject only. The code is copied: it has no relocations, no strings, calls no function
 * but through this struct, and must not be instrumented.
 */
#ifndef LP_INJECT_BOOT_H
#define LP_INJECT_BOOT_H

#define LP_BOOT_PAGE 4096
#define LP_BOOT_ENTER_STACK 65536
#define LP_BOOT_STACK (512 * 1024)
#define LP_BOOT_MAGIC 0x31544f4f42505354 /* "TSPBOOT1" */
#define LP_BOOT_FRAME 16 /* offset of lp_boot.frame, for the assembler */
#define LP_BOOT_LINGER_S 10 /* how long the thread waits for `release` */
#define LP_BOOT_TEXT 256
#define LP_BOOT_SELF "/proc/thread-self"

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

enum lp_boot_state { LP_BOOT_NEW, LP_BOOT_RUNNING, LP_BOOT_DONE };

enum lp_boot_flag { LP_BOOT_NO_UNSHARE = 1 << 0 }; /* a filter forbids unshare or fchdir */

/* Functions of the target's own libc. */
struct lp_boot_calls {
	uint64_t errno_location;
	uint64_t attr_init, attr_setstack, attr_setdetachstate, attr_destroy;
	uint64_t create;
	uint64_t dlopen, dlsym, dlclose;
	uint64_t dlerror; /* 0: __libc_dlopen_mode() and its kin, which keep no text */
};

struct lp_boot {
	/* set by the client before the code runs */
	uint64_t magic;
	uint64_t self; /* address of this struct */
	uint64_t frame; /* struct ucontext that brings the borrowed thread back */
	uint64_t size; /* of the region */
	struct lp_boot_calls calls;
	uint64_t stack_addr, stack_size; /* of the agent's thread */
	uint64_t thread_addr; /* lp_boot_thread() */
	int64_t arena_offset; /* from the thread pointer to malloc's thread_arena; 0: unknown */
	uint64_t arena; /* malloc's main arena */
	uint32_t flags; /* enum lp_boot_flag */
	uint32_t timeout_ms; /* for the first message */
	/* LP_BOOT_SELF "/fd/", a number is put behind it; in place of the first a thread's own */
	char path[384];
	/* what the process knows the agent by; never longer than path without LP_BOOT_SELF */
	char name[256];
	char here[8]; /* "." */
	char symbol[32]; /* "suture_agent_run" */
	/* set by the client when the thread may end */
	uint64_t rseq_addr; /* 0: none registered */
	uint32_t rseq_size, rseq_signature;
	uint32_t release;
	/* set by the code */
	int32_t created; /* 0 or -errno of lp_boot_enter() */
	int32_t agent_fd, client_fd;
	uint32_t state; /* enum lp_boot_state */
	int32_t result; /* of loading, then of suture_agent_run() */
	int32_t tid; /* of the thread, in its own namespace */
};

/*
 * The client's only message to lp_boot_thread(); + descriptors: the agent's file and, where the
 * process may see no /proc, its own directory there, which leads nowhere else.
 */
struct lp_boot_order {
	uint64_t magic;
};

/* ... and the answer. */
struct lp_boot_report {
	int32_t result; /* 0: suture_agent_run() is being called; else -errno */
	char text[LP_BOOT_TEXT]; /* what dlopen said */
};

_Static_assert(offsetof(struct lp_boot, frame) == LP_BOOT_FRAME, "LP_BOOT_FRAME");
_Static_assert(sizeof(struct lp_boot) <= LP_BOOT_PAGE, "struct lp_boot");

/* the section, to be copied; the linker's own names */
extern const char __start_lp_boot[] __attribute__((visibility("hidden")));
extern const char __stop_lp_boot[] __attribute__((visibility("hidden")));

/*
 * Entered with rdi = struct lp_boot, rsp = a stack of its own: makes the thread, then at
 * lp_boot_mark does a getpid(2) at which a tracer takes over, and without one goes back
 * by itself: rt_sigreturn(2) of lp_boot.frame.
 */
extern const char lp_boot_enter[] __attribute__((visibility("hidden")));
extern const char lp_boot_mark[] __attribute__((visibility("hidden"))); /* behind the getpid */

void *lp_boot_thread(void *boot);
#endif
#endif
