/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * net.h - the signal frame that brings a borrowed thread back; see tracee.h. The layout is the
 * kernel's: arch/x86/include/uapi/asm/{sigcontext,ucontext}.h.
 */
#ifndef LP_INJECT_NET_H
#define LP_INJECT_NET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#define LP_NET_MAX 20480

struct lp_net {
	uint64_t addr; /* of bytes[0] in the target; a multiple of 64 */
	uint64_t frame; /* address of the struct ucontext, 16 bytes into it; frame-8 is for `ret` */
	size_t size;
	uint8_t bytes[LP_NET_MAX];
};

/*
 * Builds it below regs->rsp. regs: as the thread shall go back through the kernel's signal path;
 * here, where that path is not taken, an interrupted system call is made to start again.
 * xstate: of PTRACE_GETREGSET NT_X86_XSTATE, or 512 bytes of fxsave. 0 or -E2BIG.
 */
int lp_net_build(struct lp_net *net, const struct user_regs_struct *regs, uint64_t mask,
		 const uint8_t *xstate, size_t xstate_size, uint64_t sigreturn);

#endif
