/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dl.h - the program's dynamic linker, as far as it is there.
 *
 * Before glibc 2.34 these functions are in libdl, which not every program has loaded; the agent
 * must not bring it in. So they are weak, and bound to their oldest symbol version, which every
 * glibc has. Agent's thread only, never under a lock that a thread in ld.so could want.
 */
#ifndef LP_AGENT_DL_H
#define LP_AGENT_DL_H

#include <stdbool.h>

bool lp_dl_is_there(void);
/* An object that is already loaded, NULL: is not. path NULL: the program. Give it back. */
void *lp_dl_hold(const char *path);
void lp_dl_release(void *handle);
/* handle NULL: the global scope; version NULL: the default. NULL: no such symbol. */
void *lp_dl_symbol(void *handle, const char *name, const char *version);

#endif
