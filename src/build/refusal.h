/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * refusal.h - why something cannot be packed: a fixed word and a sentence.
 *
 * Words are those of src/core/reason.h, and two that only making a patch has: "compile-failed"
 * and "bad-patch" (the patch itself is wrong, or uses what is not supported).
 */
#ifndef LP_BUILD_REFUSAL_H
#define LP_BUILD_REFUSAL_H

struct lp_build_refusal {
	const char *reason; /* static storage; NULL: none */
	char text[512];
};

/* Fills in the refusal; always -ECANCELED, for `return lp_refuse(...)`. */
__attribute__((format(printf, 3, 4))) int lp_refuse(struct lp_build_refusal *refusal,
						    const char *reason, const char *format, ...);

#endif
