// SPDX-License-Identifier: LGPL-2.1-or-later
/* Replacements for registers.c that write to every caller-saved register. */
#include <stddef.h>
#include <suture/livepatch.h>

static void spoil(void)
{
	__asm__ volatile("mov $-1, %%rcx; mov %%rcx, %%rdx; mov %%rcx, %%rsi; mov %%rcx, %%rdi;"
			 "mov %%rcx, %%r8; mov %%rcx, %%r9; mov %%rcx, %%r10; mov %%rcx, %%r11;"
			 "pcmpeqd %%xmm0, %%xmm0; movaps %%xmm0, %%xmm1; movaps %%xmm0, %%xmm2;"
			 "movaps %%xmm0, %%xmm3; movaps %%xmm0, %%xmm4; movaps %%xmm0, %%xmm5;"
			 "movaps %%xmm0, %%xmm6; movaps %%xmm0, %%xmm7; movaps %%xmm0, %%xmm15"
			 :
			 :
			 : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1",
			   "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm15", "memory", "cc");
}

static long lp_leaf(long value)
{
	spoil();
	return value * 5;
}

static void lp_flat_leaf(void)
{
	spoil();
}

static void lp_held(void)
{
}

static struct klp_func funcs[] = { { .old_name = "leaf", .new_func = lp_leaf },
				   { .old_name = "flat_leaf", .new_func = lp_flat_leaf },
				   { .old_name = "held", .new_func = lp_held },
				   {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.name = "registers", .objs = objs);
