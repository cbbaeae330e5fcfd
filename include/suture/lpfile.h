/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * suture/lpfile.h - the .lp file.
 *
 * A .lp is an ELF64 x86-64 relocatable file (ET_REL) that readelf, objdump and gdb can read. It
 * follows the kernel's livepatch notation: symbols that live in a target object are named
 * ".klp.sym.OBJECT.NAME,SYMPOS" (OBJECT is "program" for the program itself), have
 * st_shndx == LP_SHN_LIVEPATCH and their object-relative address (the vaddr in the target's ELF
 * file) in st_value; relocations against them are collected in SHT_RELA sections named
 * ".klp.rela.OBJECT.SECTION". Undefined symbols of other names are resolved in the process;
 * a name "NAME@VERSION" asks for that symbol version. Names of the interface for authors
 * (suture/livepatch.h: klp_this_patch, klp_get_state, klp_shadow_get, ...) are the agent's.
 *
 * The non-allocated section LP_FILE_SECTION holds the description below. All integers are little
 * endian; all offsets are bytes from the start of that section; tables are 8-aligned. Every
 * string reference is an offset into the strings table, which starts and ends with NUL; 0 = none.
 *
 * A direct reference reaches 2 GiB, and a program and its libraries lie further apart. So the loaded
 * sections of one file may lie in several places, each near one object: see struct lp_file_place.
 * What refers to something directly must lie near it; calls, and what goes through a GOT, always
 * reach. There is at most one .eh_frame near each object, for the code that lies there.
 * Everything here is untrusted input to the agent.
 */
#ifndef SUTURE_LPFILE_H
#define SUTURE_LPFILE_H

#include <stdint.h>

#define LP_FILE_SECTION ".suture.patch_info"
#define LP_FILE_MAGIC 0x3150544c55535553ull /* "SUSULTP1" read as little endian */
#define LP_FILE_VERSION 1
#define LP_SHN_LIVEPATCH 0xff20
#define LP_PROGRAM_NAME "program"

/* Limits the agent enforces. */
#define LP_FILE_MAX_BYTES (256u << 20)
#define LP_FILE_MAX_OBJECTS 256
#define LP_FILE_MAX_FUNCTIONS 100000
#define LP_BUILD_ID_MAX 32
#define LP_MOVED_MAX 64 /* bytes of moved code of one function */

struct lp_table {
	uint32_t offset;
	uint32_t count; /* entries; bytes for strings and moved code */
};

enum lp_file_flag {
	LP_FILE_REPLACE = 1 << 0,
	LP_FILE_REPLACEABLE = 1 << 1,
	LP_FILE_CONFLICTS_REPLACE = 1 << 2,
	/*
	 * The patch takes the address of code of its own, or calls setjmp or getcontext, so that
	 * pointers into it may survive in data or registers: its code is never unmapped.
	 */
	LP_FILE_ADDRESS_TAKEN = 1 << 3,
};

struct lp_file {
	uint64_t magic;
	uint32_t version;
	uint32_t size; /* of the whole section */
	uint32_t flags; /* enum lp_file_flag */
	uint32_t name; /* string; required */
	uint32_t description; /* string */
	uint32_t reserved;
	uint64_t provides;
	struct lp_table strings; /* bytes */
	struct lp_table objects; /* struct lp_file_object */
	struct lp_table functions; /* struct lp_file_function, grouped by object */
	struct lp_table parts; /* struct lp_file_part */
	struct lp_table moved; /* bytes */
	struct lp_table fixups; /* struct lp_file_fixup */
	struct lp_table obsoletes; /* uint64_t */
	struct lp_table requires; /* uint32_t strings */
	struct lp_table holds; /* struct lp_file_hold */
	struct lp_table states; /* struct lp_file_state */
	struct lp_table places; /* struct lp_file_place, by section */
};

/*
 * Callbacks of the author, in the order pre_patch, post_patch, pre_unpatch, post_unpatch: each an
 * index into .symtab of a defined STT_FUNC of this file, 0 = none.
 */
#define LP_FILE_CALLBACKS 4

struct lp_file_object {
	uint32_t name; /* string; 0 = the program */
	uint32_t build_id_size; /* 4..LP_BUILD_ID_MAX */
	uint8_t build_id[LP_BUILD_ID_MAX];
	uint32_t callbacks[LP_FILE_CALLBACKS];
};

/*
 * How calls of the original are redirected. J is the jump offset from the function's start.
 * The instructions in [0, J) stay in place and run before the jump; they are endbr64, nops and
 * pushes of a register, which the entry stub undoes by adding undo bytes to the stack pointer.
 */
enum lp_entry_kind {
	/* one instruction of >= 5 bytes at J (or one shorter one that never falls through,
	 * followed by padding): jmp rel32 over it */
	LP_ENTRY_SINGLE = 1,
	/* the instruction at J has >= 2 bytes: jmp rel8 over it, to padding at pad_addr that
	 * takes the long jump */
	LP_ENTRY_PAD = 2,
	/* several instructions under [J, J+5): their boundaries must be seen empty of tasks
	 * between two stores; the first has >= 2 bytes */
	LP_ENTRY_MULTI = 3,
};

struct lp_file_function {
	uint32_t object; /* index */
	uint32_t name; /* string */
	uint32_t sympos; /* 0 or 1..n */
	uint32_t new_symbol; /* index into .symtab: a defined STT_FUNC of this file */
	uint64_t old_addr; /* vaddr in the object's ELF file */
	uint64_t old_size; /* bytes */
	uint64_t old_hash; /* XXH64, seed 0, of those bytes as they are in the file */
	uint32_t parts, part_count; /* .cold, .part and clones of the original */
	/* the entry */
	uint8_t entry_kind; /* enum lp_entry_kind */
	uint8_t jump_offset; /* J, 0..15 */
	uint8_t undo; /* bytes, multiple of 8, 0..120 */
	uint8_t window; /* bytes from J that the jump may overwrite, 2..15 */
	uint16_t boundaries; /* bit i: a reachable instruction starts at J+i; bit 0 is set */
	uint8_t moved_size; /* 1..LP_MOVED_MAX */
	uint8_t fixup_count;
	uint32_t moved; /* offset of the moved code in the moved table */
	uint32_t fixups; /* index of the first fixup */
	uint64_t pad_addr; /* vaddr of the padding, LP_ENTRY_PAD only */
	uint8_t window_bytes[16]; /* the original bytes at [J, J+16) as far as window + padding
				     go: expected content before the first redirect, and what
				     removing a redirect restores */
	uint8_t pad_bytes[7]; /* the original bytes at pad_addr */
	uint8_t pad_size; /* LP_ENTRY_PAD: 5 or 6 (room for a jump through memory); else 0 */
};

/* Code that belongs to a function and lies elsewhere. */
struct lp_file_part {
	uint64_t addr; /* vaddr */
	uint64_t size;
};

/*
 * Moved code: the original's instructions [0, end of the last one touched by the jump), ready to
 * run elsewhere, then `jmp rel32` back to the rest (or nothing where it does not fall through).
 * Each fixup is one rel32 field: *(int32_t *)(moved + offset) = base + target - (moved + end).
 */
struct lp_file_fixup {
	uint16_t offset;
	uint16_t end;
	uint32_t reserved;
	uint64_t target; /* vaddr in the object */
};

struct lp_file_hold {
	uint32_t object; /* index */
	uint32_t name; /* string */
	uint64_t addr; /* vaddr */
	uint64_t size;
};

enum lp_file_state_flag {
	LP_FILE_STATE_SHADOW = 1 << 0, /* its shadow variables go with it */
	LP_FILE_STATE_BLOCK_DISABLE = 1 << 1,
};

struct lp_file_state {
	uint64_t id;
	uint32_t version;
	uint32_t flags; /* enum lp_file_state_flag */
	uint32_t callbacks[LP_FILE_CALLBACKS];
	uint32_t shadow_dtor; /* as a callback */
	uint32_t reserved;
};

/* Where a section lies. Those that are not listed lie near functions[0].object. */
struct lp_file_place {
	uint32_t section; /* index of a section that is loaded; in ascending order, none twice */
	uint32_t object; /* index of the object that it must lie near */
};

_Static_assert(sizeof(struct lp_file) == 40 + 11 * 8, "layout of struct lp_file");
_Static_assert(sizeof(struct lp_file_object) == 56, "layout of struct lp_file_object");
_Static_assert(sizeof(struct lp_file_function) == 96, "layout of struct lp_file_function");
_Static_assert(sizeof(struct lp_file_state) == 40, "layout of struct lp_file_state");
_Static_assert(sizeof(struct lp_file_place) == 8, "layout of struct lp_file_place");
_Static_assert(sizeof(struct lp_file_fixup) == 16, "layout of struct lp_file_fixup");

#endif
