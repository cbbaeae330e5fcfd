// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

extern long factor;

/* As many registers as may be. */
static long new_scale(long n)
{
	__asm__ volatile("xor %%ecx, %%ecx; xor %%edx, %%edx; xor %%esi, %%esi; xor %%r8d, %%r8d;"
			 "xor %%r9d, %%r9d; xor %%r10d, %%r10d; xor %%r11d, %%r11d"
			 :
			 :
			 : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11");
	return n * factor + 1;
}

static struct klp_func funcs[] = { { .old_name = "scale", .new_func = new_scale }, {} };
static struct klp_object objs[] = { { .funcs = funcs }, {} };
KLP_PATCH(.objs = objs);
