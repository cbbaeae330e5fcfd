/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * origin.h - which compilations a target was made of, from its debug information: one source may be
 * compiled for a program and, otherwise, for a library, and a fix may change one and not the other.
 */
#ifndef LP_BUILD_ORIGIN_H
#define LP_BUILD_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Name and directory of a compilation. Both malloc'ed. */
struct lp_origin {
	char *name, *directory;
};

/* Code of one of them. */
struct lp_origin_range {
	uint64_t lo, hi; /* vaddrs, of a program or library; what was discarded is left out */
	size_t origin;
};

struct lp_origins {
	struct lp_origin *list;
	size_t count;
	struct lp_origin_range *ranges;
	size_t n_ranges;
};

/* Of a program, library or object. Without debug information: none. 0 or -ENOMEM; to be freed. */
int lp_origins_load(struct lp_origins *origins, const char *path);
void lp_origins_free(struct lp_origins *origins);

/*
 * Whether the target knows another compilation of that source and not this one. It proves nothing: this one
 * may have been compiled without debug information. false also if it cannot be told: a target without
 * debug information, or one that was built elsewhere.
 */
bool lp_origins_lack(const struct lp_origins *target, const struct lp_origins *object);

/* The name of the source that the code at an address was made of. NULL: not known. */
const char *lp_origins_at(const struct lp_origins *target, uint64_t addr);

/* Whether the code at an address was made of a source of another name. false also if it is not known. */
bool lp_origins_other(const struct lp_origins *target, uint64_t addr, const char *source);

#endif
