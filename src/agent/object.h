/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * object.h - an ELF file mapped into this process, as ld.so and its program headers tell.
 * Agent's thread only.
 */
#ifndef LP_AGENT_OBJECT_H
#define LP_AGENT_OBJECT_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_object {
	char name[256]; /* file name without directory; "" for the program */
	char soname[256]; /* DT_SONAME or "" */
	char path[1024]; /* as ld.so knows it; "" for the program */
	uint64_t base; /* added to a vaddr of the file gives the address here */
	uint64_t lo, hi; /* addresses: first byte mapped, first byte after */
	uint64_t text_lo, text_hi; /* union of the executable segments */
	uint64_t eh_frame_hdr; /* address of PT_GNU_EH_FRAME, 0: none */
	size_t eh_frame_hdr_size;
	size_t tls_module; /* dlpi_tls_modid, 0: no TLS */
	uint8_t build_id[32];
	uint32_t build_id_size; /* 0: has none */
	bool swaps_stacks; /* names swapcontext: it may have suspended coroutines */
};

/*
 * All objects that are mapped now, in ld.so's order, in memory of lp_alloc() that the caller frees.
 * *count is set. NULL: no memory.
 */
struct lp_object *lp_objects_list(size_t *count);

/*
 * Finds a target: name NULL or "" = the program; otherwise file name or DT_SONAME must be equal.
 * NULL: not mapped.
 */
const struct lp_object *lp_objects_find(const struct lp_object *objects, size_t count,
					const char *name);

/*
 * Copies bytes of this process's memory safely. 0; -EFAULT: it is not there; or another negative
 * errno: it could not be read now (-EMFILE: no descriptor is left for that). Never faults.
 */
int lp_peek(uint64_t addr, void *bytes, size_t size);

#endif
