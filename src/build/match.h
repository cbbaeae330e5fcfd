/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * match.h - is this compiled function what the target runs there? Compared instruction by instruction:
 * what the linker fills in or relaxes may differ, and so may the length of jumps and padding, because
 * the target was compiled without a section for each function.
 */
#ifndef LP_BUILD_MATCH_H
#define LP_BUILD_MATCH_H

#include "../elf/file.h"
#include "reference.h"

/* Where a reference of the function leads to in the target. */
struct lp_match_found {
	const struct lp_reference *reference;
	uint64_t addr; /* minus the reference's offset: of its section, or undefined symbol; for
			  thread-local ones an offset in the TLS segment */
	bool tls;
};

struct lp_match {
	struct lp_match_found *found;
	size_t n_found;
	uint32_t *
		map; /* by offset in the section: 1 + that in the target; 0: no instruction starts there */
	uint64_t size; /* bytes in the target */
	uint64_t differs_at; /* without a match: offset in the section of the first difference */
};

/*
 * Compares a section of code with the target at addr, where there are at most `room` bytes of it (0: not
 * known). 0: they match; -ENOENT: they do not; -ENOMEM. To be freed in any case.
 */
int lp_match_section(struct lp_match *match, const struct lp_references *references,
		     uint32_t section, const struct lp_elf *elf, uint64_t addr, uint64_t room);
void lp_match_free(struct lp_match *match);

#endif
