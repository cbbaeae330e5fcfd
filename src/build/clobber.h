/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clobber.h - which caller-saved registers a function changes, with all that it calls.
 *
 * For an original, too few are safe: the registers it is not seen to change are those that its
 * callers may count on. For a replacement, too many are safe.
 */
#ifndef LP_BUILD_CLOBBER_H
#define LP_BUILD_CLOBBER_H

#include "code.h"
#include "relobj.h"

struct lp_clobber {
	uint32_t written; /* LP_REG(), LP_XMM() */
	bool all; /* it calls what may change them all */
	bool wide; /* it may change vector registers beyond xmm0..15 */
};

/* 0 or -ENOMEM */
int lp_clobber_original(struct lp_clobber *clobber, const struct lp_code *code, uint64_t addr);
int lp_clobber_replacement(struct lp_clobber *clobber, const struct lp_relobj *obj,
			   uint32_t symbol);

/* Whether code of the object branches to addr directly: only such callers know what is there. */
bool lp_clobber_has_callers(const struct lp_code *code, uint64_t addr);
/* Whether code uses vector registers beyond xmm0..15. bytes NULL: none. */
bool lp_clobber_is_wide(const uint8_t *bytes, uint64_t size, uint64_t addr);
/* Whether one of those callers does. */
bool lp_clobber_callers_wide(const struct lp_code *code, uint64_t addr);

#endif
