/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net.h"
#include "restart.h"

#include <asm/sigcontext.h>
#include <cpuid.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define RED_ZONE 128
#define LEGACY_SIZE 512 /* fxsave */
#define HEADER_SIZE 64 /* xsave header behind it */
#define XSTATE_BV 512 /* offset of the first word of that header: components in use */
#define TILE_COMPONENTS (3ull << 17) /* AMX: not in a frame unless the thread may use it */

/* asm/ucontext.h cannot be included together with glibc's */
#define UC_FP_XSTATE 1
#define UC_SIGCONTEXT_SS 2
#define UC_STRICT_RESTORE_SS 4

/* sigreturn sets the alternate stack from here; flags it does not know leave the thread's own */
#define STACK_FLAGS_KEEP 0x7f

struct frame {
	uint64_t return_addr; /* popped by `ret` behind a remote system call */
	uint64_t flags;
	uint64_t link;
	struct {
		uint64_t sp;
		int32_t flags, padding;
		uint64_t size;
	} stack;
	struct sigcontext context;
	uint64_t mask;
};

/* Size of the standard format that holds these components (Intel SDM volume 1, 13.4). */
static size_t extent(uint64_t components)
{
	size_t size = LEGACY_SIZE + HEADER_SIZE;
	unsigned int a, b, c, d;

	for (unsigned int i = 2; i < 63; i++) {
		if (!(components >> i & 1) || !__get_cpuid_count(0xd, i, &a, &b, &c, &d))
			continue;
		if (b + a > size)
			size = b + a;
	}
	return size;
}

/* What the kernel writes into the software-reserved bytes of a signal frame's fxsave area. */
static size_t finish_xstate(uint8_t *area, size_t size)
{
	struct _fpx_sw_bytes sw = { .magic1 = FP_XSTATE_MAGIC1 };
	uint32_t magic2 = FP_XSTATE_MAGIC2;
	uint64_t components, in_use;

	if (size <= LEGACY_SIZE + HEADER_SIZE)
		return 0;
	memcpy(&components, area + LEGACY_SIZE - sizeof(sw), sizeof(components));
	memcpy(&in_use, area + XSTATE_BV, sizeof(in_use));
	if (!(in_use & TILE_COMPONENTS))
		components &= ~TILE_COMPONENTS;
	sw.xstate_size = (uint32_t)extent(components);
	if (sw.xstate_size > size)
		return 0;
	sw.xfeatures = components;
	sw.extended_size = sw.xstate_size + FP_XSTATE_MAGIC2_SIZE;
	memcpy(area + LEGACY_SIZE - sizeof(sw), &sw, sizeof(sw));
	memcpy(area + sw.xstate_size, &magic2, sizeof(magic2));
	return sw.extended_size;
}

static void fill_context(struct sigcontext *to, const struct user_regs_struct *from)
{
	to->r8 = from->r8;
	to->r9 = from->r9;
	to->r10 = from->r10;
	to->r11 = from->r11;
	to->r12 = from->r12;
	to->r13 = from->r13;
	to->r14 = from->r14;
	to->r15 = from->r15;
	to->rdi = from->rdi;
	to->rsi = from->rsi;
	to->rbp = from->rbp;
	to->rbx = from->rbx;
	to->rdx = from->rdx;
	to->rax = from->rax;
	to->rcx = from->rcx;
	to->rsp = from->rsp;
	to->rip = from->rip;
	to->eflags = from->eflags;
	to->cs = (uint16_t)from->cs;
	to->ss = (uint16_t)from->ss;
	if (lp_restart_wanted(from)) {
		to->rax = from->orig_rax;
		to->rip -= 2;
	}
}

int lp_net_build(struct lp_net *net, const struct user_regs_struct *regs, uint64_t mask,
		 const uint8_t *xstate, size_t xstate_size, uint64_t sigreturn)
{
	struct frame frame = { .return_addr = sigreturn, .mask = mask };
	size_t area = (sizeof(frame) + 8 + 63) & ~63ull, extended;

	if (area + xstate_size + FP_XSTATE_MAGIC2_SIZE + 64 > sizeof(net->bytes))
		return -E2BIG;
	memset(net->bytes, 0, sizeof(net->bytes));
	memcpy(net->bytes + area, xstate, xstate_size);
	extended = finish_xstate(net->bytes + area, xstate_size);
	net->size = area + (extended ? extended : LEGACY_SIZE);
	net->addr = (regs->rsp - RED_ZONE - net->size) & ~63ull;
	net->frame = net->addr + 16;
	frame.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS | (extended ? UC_FP_XSTATE : 0);
	frame.stack.flags = STACK_FLAGS_KEEP;
	fill_context(&frame.context, regs);
	frame.context.fpstate = (void *)(net->addr + area);
	memcpy(net->bytes + 8, &frame, sizeof(frame));
	return 0;
}
