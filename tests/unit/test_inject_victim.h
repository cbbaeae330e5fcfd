/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the victim of test_inject tells the test, in memory that both map. */
#ifndef TEST_INJECT_VICTIM_H
#define TEST_INJECT_VICTIM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

struct victim_report {
	uint32_t ready; /* threads that are where the mode wants them, or about to be */
	uint32_t interrupted; /* calls that answered EINTR */
	uint32_t returned; /* calls that returned at all */
	uint32_t corrupted; /* rounds of computing in which a register was not what it was */
	uint64_t rounds;
	int semaphores, queue; /* to be removed by the test */
	uint32_t release; /* set by the test, a futex: what holds the main thread up is over */
};

static inline struct victim_report *victim_report_map(int fd)
{
	void *memory = mmap(NULL, sizeof(struct victim_report), PROT_READ | PROT_WRITE, MAP_SHARED,
			    fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

#endif
