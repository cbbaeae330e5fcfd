/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wrapper.h - a function around a replacement that keeps registers for it.
 */
#ifndef LP_BUILD_WRAPPER_H
#define LP_BUILD_WRAPPER_H

#include "decode.h"
#include "relobj.h"

#define LP_WRAPPER_STACK_MAX 512 /* bytes of stack arguments that a wrapper copies */

/*
 * Adds code that saves `registers` (LP_REG(), LP_XMM()), calls the function with stack_bytes of
 * arguments copied, and restores them; with its unwind table. *wrapper is its symbol. 0 or
 * -ENOMEM. Sections and symbols of obj may move.
 */
int lp_wrapper_add(struct lp_relobj *obj, uint32_t function, uint32_t registers,
		   uint32_t stack_bytes, uint32_t *wrapper);

#endif
