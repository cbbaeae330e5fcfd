/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry.h - the entry plan of a function: where and how a jump is written over its first bytes,
 * and the code that is moved out of the way. The rules are in docs/design/entry.md.
 */
#ifndef LP_BUILD_ENTRY_H
#define LP_BUILD_ENTRY_H

#include <suture/lpfile.h>

#include "code.h"
#include "refusal.h"

#define LP_ENTRY_FIXUPS_MAX 16
#define LP_ENTRY_INSNS_MAX 32
#define LP_ENTRY_JUMP_OFFSET_MAX 15

/* Padding that functions of this patch have taken: no two may share bytes of it. */
struct lp_claim {
	uint64_t addr;
	uint64_t size;
};

struct lp_claims {
	struct lp_claim *list;
	size_t count;
};

struct lp_entry_function {
	const char *name; /* for messages */
	uint64_t addr;
	uint64_t size;
	const struct lp_file_part *parts; /* code of it that lies elsewhere */
	size_t n_parts;
};

/* What goes into struct lp_file_function under "the entry". */
struct lp_entry {
	enum lp_entry_kind kind;
	uint8_t jump_offset;
	uint8_t undo;
	uint8_t window;
	uint16_t boundaries;
	uint8_t moved_size;
	uint8_t fixup_count;
	uint8_t moved[LP_MOVED_MAX];
	struct lp_file_fixup fixups[LP_ENTRY_FIXUPS_MAX];
	uint64_t pad_addr;
	uint8_t window_bytes[16];
	uint8_t pad_bytes[7];
	uint8_t pad_size; /* 5 or 6; 0 without padding */
};

/*
 * Plans the entry. 0: *entry is set and its padding claimed; -ECANCELED: refused, *refusal is set;
 * or -ENOMEM. claims belongs to the caller and starts zeroed, one for each object.
 */
int lp_entry_plan(struct lp_entry *entry, const struct lp_code *code,
		  const struct lp_entry_function *function, struct lp_claims *claims,
		  struct lp_build_refusal *refusal);
void lp_claims_free(struct lp_claims *claims);
bool lp_claims_overlap(const struct lp_claims *claims, uint64_t addr, uint64_t size);

/* What the phases of a plan share. Inside entry.c, move.c and pad.c only. */
struct lp_entry_job {
	const struct lp_code *code;
	const struct lp_entry_function *function;
	const struct lp_claims *claims;
	struct lp_build_refusal *refusal;
	const uint8_t *bytes; /* the function's */
	struct lp_insn insns[LP_ENTRY_INSNS_MAX]; /* its first ones */
	size_t n_insns;
	uint64_t padding; /* free bytes of padding right behind the function */
};

/* Copies the instructions [0, count) so that they run elsewhere. 0 or -ECANCELED. */
int lp_entry_move(struct lp_entry *entry, struct lp_entry_job *job, size_t count);

/* Finds `size` bytes of padding that a jmp rel8 at `jump` reaches; 0: there are none. */
uint64_t lp_entry_find_pad(const struct lp_entry_job *job, uint64_t jump, unsigned int size);

#endif
