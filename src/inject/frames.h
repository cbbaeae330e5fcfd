/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * frames.h - whether a thread may be borrowed, by the functions on its stack. Nothing is stopped
 * for it: the stack is a copy, and the CFI comes from the files. Used by src/inject only.
 */
#ifndef LP_INJECT_FRAMES_H
#define LP_INJECT_FRAMES_H

#include <sys/user.h>

#include "target.h"

struct lp_snapshot {
	uint64_t pc, sp;
	const struct user_regs_struct *regs; /* NULL: only pc and sp are known */
	uint8_t *stack; /* copy of the memory from sp on; heap */
	size_t size;
	bool whole; /* the copy reaches to the end of the stack's mapping */
};

enum lp_fit {
	LP_FIT_EXACT, /* unwound to its end: holds no lock of libc's */
	LP_FIT_SCANNED, /* not unwound, but no word of the stack leads into code that would matter */
	LP_FIT_UNKNOWN, /* not to be told without its registers */
	LP_FIT_BAD,
};

struct lp_frames;

/* NULL: no memory, or libdwfl failed. The target must outlive it. */
struct lp_frames *lp_frames_create(const struct lp_target *target);
void lp_frames_destroy(struct lp_frames *frames);

enum lp_fit lp_frames_judge(struct lp_frames *frames, const struct lp_snapshot *snapshot);

#endif
