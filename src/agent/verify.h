/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify.h - is the target what the patch was made for: build-ids and the very bytes of each
 * function that is to be replaced. Changes nothing. Agent's thread only.
 */
#ifndef LP_AGENT_VERIFY_H
#define LP_AGENT_VERIFY_H

#include <suture/lpfile.h>

#include "../core/reason.h"
#include "object.h"

/* object NULL: not mapped. LP_REASON_NONE: it fits. */
enum lp_reason lp_verify_object(const struct lp_file_object *wanted,
				const struct lp_object *object);
enum lp_reason lp_verify_function(const struct lp_file_function *function,
				  const struct lp_object *object);

#endif
