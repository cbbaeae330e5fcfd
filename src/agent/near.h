/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * near.h - memory of the agent's within +-2 GiB of an object.
 *
 * Code pages are a memfd mapped twice: readable and executable where they run, and writable elsewhere
 * until they are sealed. So no mapping is ever writable and executable, no mprotect to executable is
 * needed, and no descriptor stays open that the program could close and give another meaning.
 */
#ifndef LP_AGENT_NEAR_H
#define LP_AGENT_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_near {
	uint64_t addr; /* 0: nothing mapped */
	size_t size; /* bytes, a multiple of the page size */
	uint8_t *alias; /* code: a writable view of the same pages, until sealed; else NULL */
};

/*
 * Where the list of mappings is read: proc_self_fd is a directory descriptor of /proc/self in any
 * procfs that knows this process; borrowed. -1 (the default): /proc.
 */
void lp_near_init(int proc_self_fd);

/*
 * Map `size` bytes such that every byte of them and every byte of [lo, hi) are within +-2 GiB of
 * each other (lo == hi == 0: anywhere). 0, -ENOMEM (no room there: LP_REASON_NO_MEMORY_NEAR), or
 * another negative errno.
 */
int lp_near_map_code(struct lp_near *near, uint64_t lo, uint64_t hi, size_t size);
int lp_near_map_data(struct lp_near *near, uint64_t lo, uint64_t hi, size_t size); /* RW, zeroed */
/* Reserve one range (PROT_NONE) whose parts are then mapped over with the two calls below. */
int lp_near_reserve(struct lp_near *near, uint64_t lo, uint64_t hi, size_t size);
/* parts of a reserved range; offset and size are page multiples */
int lp_near_fix_code(const struct lp_near *reserved, size_t offset, size_t size,
		     struct lp_near *part);
int lp_near_fix_data(const struct lp_near *reserved, size_t offset, size_t size);
/* after filling it: PROT_READ only */
int lp_near_protect_rodata(const struct lp_near *reserved, size_t offset, size_t size);

/* Whether nothing is mapped in the page of addr; in doubt something is. */
bool lp_near_is_free(uint64_t addr);

/* Writes code; may be called while other bytes of the pages are being executed. */
int lp_near_write(const struct lp_near *code, size_t offset, const void *bytes, size_t size);
/* No more writes: the writable view goes. */
void lp_near_seal(struct lp_near *code);
void lp_near_unmap(struct lp_near *near);

#endif
