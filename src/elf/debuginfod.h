/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * debuginfod.h - separate debug files from the servers that $DEBUGINFOD_URLS names. The client
 * library, libdebuginfod, is loaded when needed; where it is not installed there are no files.
 */
#ifndef LP_ELF_DEBUGINFOD_H
#define LP_ELF_DEBUGINFOD_H

#include <stddef.h>
#include <stdint.h>

/*
 * The debug file of a build-id, in the client's cache: 0 and its path, which belongs to the caller
 * (free(3)); or -ENOENT: no server is named, none has it, or none answers. May take as long as
 * $DEBUGINFOD_TIMEOUT says.
 */
int lp_debuginfod_find(const uint8_t *build_id, size_t size, char **path);

#endif
