/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tls.h - thread-local storage of the program's objects. Agent's thread only. */
#ifndef LP_AGENT_TLS_H
#define LP_AGENT_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_tls {
	uint64_t size; /* of the segment */
	/*
	 * Whether it lies at the same distance from the thread pointer in every thread. Known for
	 * the program, and for objects that say of themselves that they depend on it.
	 */
	bool is_static;
	uint64_t tp_offset; /* if is_static: add to an offset in the segment */
};

/* module: as ld.so numbers them. false: there is none. */
bool lp_tls_find(size_t module, struct lp_tls *tls);

#endif
