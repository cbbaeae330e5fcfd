/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * debug_image.h - tells gdb about loaded patches, by gdb's JIT compilation interface (gdb manual,
 * "JIT Compilation Interface"): symbols `__jit_debug_descriptor` and `__jit_debug_register_code`
 * of the agent. Agent's thread only.
 */
#ifndef LP_AGENT_DEBUG_IMAGE_H
#define LP_AGENT_DEBUG_IMAGE_H

#include <stdint.h>

#include "patch_file.h"

/*
 * A copy of the file that says where each section lies (by index, 0: not loaded). NULL: no memory.
 * Not visible to gdb before it is shown.
 */
void *lp_debug_image_create(const struct lp_patch_file *file, const uint64_t *section_addrs);
void lp_debug_image_show(void *image);
/* Takes it from gdb's list, if it was shown, and frees it. NULL: nothing. */
void lp_debug_image_destroy(void *image);

#endif
