/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* error.h - one clear sentence for each refusal. Used by src/inject only. */
#ifndef LP_INJECT_ERROR_H
#define LP_INJECT_ERROR_H

#include "inject.h"

/*
 * Fills in *error (may be NULL) and returns `result`. The reason is a word of LP_REASONS in
 * src/core/reason.h, in static storage; a test holds the two together.
 */
int lp_error_set(struct lp_inject_error *error, int result, const char *reason, const char *format,
		 ...) __attribute__((format(printf, 4, 5)));

#endif
