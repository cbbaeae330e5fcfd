/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unwind_bytes.h - the numbers of call frame information, read one after the other through the
 * reader of a space, never past an end, never more than a walk may cost. Part of unwind.c only.
 *
 * An error sticks: after it every number is 0 and `bad` stays set, so that a caller may read all
 * fields of a record and ask once.
 */
#ifndef LP_AGENT_UNWIND_BYTES_H
#define LP_AGENT_UNWIND_BYTES_H

#include "unwind.h"

/* Reads per walk: bounds its time whatever the tables say; 4096 frames need about 100,000. */
#define LP_UNWIND_MAX_READS 262144

#define LP_UNWIND_WINDOW 48

struct lp_unwind_memory {
	const struct lp_unwind_space *space;
	uint32_t reads_left;
};

/* 0 or -ENODATA: not readable, the range wraps, or the walk has cost too much. */
int lp_unwind_memory_read(struct lp_unwind_memory *memory, uint64_t addr, void *bytes, size_t size);

struct lp_unwind_bytes {
	struct lp_unwind_memory *memory;
	uint64_t addr; /* of the next byte */
	uint64_t end; /* of the first byte that does not belong to it */
	bool bad;
	/* ours: what was read ahead, never past end */
	uint8_t filled;
	uint64_t window_addr;
	uint8_t window[LP_UNWIND_WINDOW];
};

/* [addr, end); bad at once if end < addr. */
void lp_unwind_bytes_init(struct lp_unwind_bytes *bytes, struct lp_unwind_memory *memory,
			  uint64_t addr, uint64_t end);
void lp_unwind_bytes_skip(struct lp_unwind_bytes *bytes, uint64_t size);
uint8_t lp_unwind_bytes_u8(struct lp_unwind_bytes *bytes);
/* little-endian, 1 to 8 bytes */
uint64_t lp_unwind_bytes_unsigned(struct lp_unwind_bytes *bytes, size_t size);
int64_t lp_unwind_bytes_signed(struct lp_unwind_bytes *bytes, size_t size);
/* bad when the value needs more than 64 bits */
uint64_t lp_unwind_bytes_uleb(struct lp_unwind_bytes *bytes);
int64_t lp_unwind_bytes_sleb(struct lp_unwind_bytes *bytes);
/*
 * An encoded pointer (DW_EH_PE_*, Linux Standard Base, "DWARF Exception Header Encoding"). Absolute
 * and pc-relative; relative to data only if data_base is not 0. All else is bad: relative to text
 * or function, aligned, omitted, indirect.
 */
uint64_t lp_unwind_bytes_pointer(struct lp_unwind_bytes *bytes, uint8_t encoding,
				 uint64_t data_base);

#endif
