/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * regular.h - regular files by names that somebody else may have chosen, such as the process that
 * is looked at. A pipe would have us wait for ever, a device does things when it is opened.
 */
#ifndef LP_ELF_REGULAR_H
#define LP_ELF_REGULAR_H

#include <stdint.h>

/*
 * Opens a regular file to be read, and never anything else. inode: the one it must have; 0: any.
 * The descriptor, or: -EBADMSG (no regular file), -ESTALE (another inode), or the errno of open(2).
 */
int lp_regular_open(const char *path, uint64_t inode);

#endif
