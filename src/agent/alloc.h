/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * alloc.h - the agent's own memory. It never uses the program's malloc. Agent's thread only.
 */
#ifndef LP_AGENT_ALLOC_H
#define LP_AGENT_ALLOC_H

#include <stddef.h>

/* zeroed, 16-aligned; NULL when there is none */
void *lp_alloc(size_t size);
void lp_free(void *memory); /* NULL: nothing */
char *lp_strdup(const char *text);
/* gives every mapping back; at detach */
void lp_alloc_deinit(void);

#endif
