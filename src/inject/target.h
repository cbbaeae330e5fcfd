/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * target.h - a process as the injection sees it: what is mapped, where its own libc keeps what is
 * needed, and whether it can be a target at all. Used by src/inject only.
 */
#ifndef LP_INJECT_TARGET_H
#define LP_INJECT_TARGET_H

#include "boot.h"
#include "inject.h"
#include "maps.h"
#include "module.h"

struct lp_target {
	pid_t pid;
	pid_t live; /* a thread that has not exited: the main thread may have */
	struct lp_maps maps;
	struct lp_module libc, ldso;
	struct lp_module pthread; /* libpthread of glibc < 2.34; lo == 0: not mapped */
	struct lp_boot_calls calls;
	uint64_t syscall_ret; /* address of `syscall; ret` in libc */
	uint64_t sigreturn; /* address of `mov $15, %rax; syscall` in libc */
	uint64_t tls_size; /* static TLS that a new thread's stack must hold besides, at most */
};

/*
 * Looks without touching: refusals that need no ptrace. 0 or a negative errno with *error; on
 * success the caller deinits.
 */
int lp_target_init(struct lp_target *target, pid_t pid, struct lp_inject_error *error);
void lp_target_deinit(struct lp_target *target);

/*
 * Where malloc keeps each thread's arena: *offset from the thread pointer, and *arena, the address
 * of the main one. Measured on the main thread (its thread pointer is given) and believed
 * only if the memory there has the shape of an arena. 0 or -ENOENT, with both 0.
 */
int lp_target_arena(const struct lp_target *target, uint64_t thread_pointer, int64_t *offset,
		    uint64_t *arena);

#endif
