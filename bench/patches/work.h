/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* work.h - what a small function does: a hash of 12 bytes, some 15 ns. */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

static inline unsigned int work_of(unsigned int x)
{
	unsigned int hash = 2166136261u;

#pragma GCC unroll 12
	for (int i = 0; i < 12; i++)
		hash = (hash ^ (x >> i)) * 16777619u;
	return hash;
}

#endif
