/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * binding.h - where the sections of an original object lie in a target. Functions are found by name and
 * proven by their bytes; what they refer to is then known from the bytes too, static variables and
 * functions of common names included, also where the target has no symbol table.
 */
#ifndef LP_BUILD_BINDING_H
#define LP_BUILD_BINDING_H

#include "../elf/file.h"
#include "naming.h"
#include "pair.h"

#define LP_UNBOUND UINT64_MAX

struct lp_binding {
	const struct lp_half *half;
	const struct lp_elf *elf;
	struct lp_naming naming;
	uint64_t *addr; /* by section: its vaddr in the target (thread-local: offset), LP_UNBOUND */
	bool *matched; /* by section: code, and the target's bytes are it */
	uint64_t *size; /* by section, if matched: bytes in the target */
	uint64_t *
		symbols; /* by symbol, undefined ones and functions: where it is there, LP_UNBOUND */
	/* by section: the target's code leads to it itself, where it could have been by PLT or GOT */
	bool *direct;
	/* calls of functions that are global in the source */
	size_t n_direct, n_by_plt;
	size_t n_code, n_matched; /* functions */
};

/*
 * Finds the sections of the original. A target that holds nothing of it is no error: n_matched is 0.
 * 0 or -ENOMEM; to be closed in any case.
 */
int lp_binding_open(struct lp_binding *binding, const struct lp_half *half,
		    const struct lp_elf *elf);
void lp_binding_close(struct lp_binding *binding);

/* Whether the target has a function of the name of that section's that can be it, matched or not. */
bool lp_binding_named(const struct lp_binding *binding, uint32_t section);

/*
 * Whether the linker has bound a library's references to a global symbol of its own to that very one
 * (-Bsymbolic): then what else has its name in the process is not meant. Without a reference that
 * tells it is as with other functions of the unit.
 */
bool lp_binding_is_direct(const struct lp_binding *binding, uint32_t section);

/*
 * discarded.c: 1: the linker has left that function out, which is neither matched nor named: the target would
 * name it, or nothing that the target has leads to it. 0: that is not certain; -ENOMEM.
 */
int lp_binding_discarded(const struct lp_binding *binding, uint32_t section);

#endif
