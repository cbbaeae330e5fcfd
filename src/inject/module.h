/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * module.h - an ELF file that ld.so has mapped into a process, read from the process's memory
 * alone: no path has to exist, in whichever mount namespace. Used by src/inject only.
 */
#ifndef LP_INJECT_MODULE_H
#define LP_INJECT_MODULE_H

#include "maps.h"

struct lp_module {
	pid_t tid; /* a live thread to read through */
	uint64_t lo; /* where it starts */
	uint64_t base; /* added to a vaddr of the file gives the address */
	uint64_t text_lo, text_hi; /* its executable segments */
	uint64_t data_lo, data_hi; /* its writable segments */
	uint64_t tls_size; /* 0: none */
	/* addresses */
	uint64_t strings, symbols, gnu_hash, versions;
	char soname[64];
};

/* 0, or -ENOENT: there is no module that ld.so has set up at this address. */
int lp_module_open(struct lp_module *module, pid_t tid, uint64_t lo);

/* The first module of this DT_SONAME. 0 or -ENOENT. */
int lp_module_find(struct lp_module *module, pid_t tid, const struct lp_maps *maps,
		   const char *soname);

/* Address of a symbol that the module defines (the default version, if it has several); 0: none. */
uint64_t lp_module_symbol(const struct lp_module *module, const char *name);

#endif
