/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * signature.h - how a function is called, from its debug information and the System V psABI for
 * x86-64: what it gets on the stack, in which registers its result comes back.
 */
#ifndef LP_ELF_SIGNATURE_H
#define LP_ELF_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lp_elf_result {
	LP_ELF_RESULT_RAX = 1 << 0,
	LP_ELF_RESULT_RDX = 1 << 1,
	LP_ELF_RESULT_XMM0 = 1 << 2,
	LP_ELF_RESULT_XMM1 = 1 << 3,
};

struct lp_elf_signature {
	bool variadic;
	uint32_t stack_bytes; /* of its named arguments, a multiple of 8 */
	uint32_t results; /* enum lp_elf_result */
};

/*
 * The signature of a function that an object file or program defines. 0; -ENOENT: there is no
 * debug information of it; -ENOTSUP: its types are not understood; or another negative errno.
 */
int lp_elf_signature(const char *path, const char *function, struct lp_elf_signature *signature);

/* The class of one eightbyte. */
enum lp_elf_class {
	LP_ELF_CLASS_NONE,
	LP_ELF_CLASS_INTEGER,
	LP_ELF_CLASS_SSE,
	LP_ELF_CLASS_SSEUP, /* the upper half of what is in one SSE register */
};

struct lp_elf_type {
	uint64_t size;
	uint64_t align; /* 16 or less */
	bool memory; /* passed in memory */
	bool x87; /* long double: passed in memory, returned in st0 */
	enum lp_elf_class classes[2];
};

/* Inside src/elf: the classes of a type (a Dwarf_Die). 0 or -ENOTSUP. */
int lp_elf_classify(void *die, struct lp_elf_type *type);

#endif
