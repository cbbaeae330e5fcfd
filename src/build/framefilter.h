/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * framefilter.h - the unwind tables of the code that is kept. A compiler describes all functions of
 * a file in one .eh_frame; a patch that takes some of them must not lead to the others.
 */
#ifndef LP_BUILD_FRAMEFILTER_H
#define LP_BUILD_FRAMEFILTER_H

#include "relobj.h"

/*
 * Rebuilds each .eh_frame: the FDEs whose code is in a section marked `keep`, in their order, with
 * their CIEs, and a terminator where there was one. A section that has FDEs left is marked `keep`,
 * the others are not and get the size 0. An FDE whose start has no relocation describes nothing in
 * this object and goes too. 0, -ENOMEM, or -EBADMSG: malformed, or in the 64-bit format; then
 * nothing has changed.
 */
int lp_frames_filter(struct lp_relobj *obj);

#endif
