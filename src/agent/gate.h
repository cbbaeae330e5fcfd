/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate.h - the outside of a site: the entry of an original function in memory, what was moved from
 * it, and where its calls go.
 *
 *	text	original | closed (MULTI, unaligned: entry spins) | redirected
 *	slot	what the entry stub jumps through: a transition stub, a version, the moved original
 *
 * A gate that is closed for good waits in a grave until no task is in its stub, moved code or
 * padding; if its function is replaced again before that, it is taken back. Agent's thread only.
 */
#ifndef LP_AGENT_GATE_H
#define LP_AGENT_GATE_H

#include <stdbool.h>
#include <suture/lpfile.h>

#include "grave.h"
#include "yard.h"

enum lp_gate_text { LP_GATE_ORIGINAL, LP_GATE_CLOSED, LP_GATE_REDIRECTED };

struct lp_gate {
	struct lp_gate *next;
	uint64_t base; /* of the object */
	struct lp_file_function plan; /* a copy */
	struct lp_yard *yard;
	uint64_t stub_addr; /* entry stub */
	size_t stub_size;
	uint64_t moved_addr; /* the original, from its start */
	uint64_t *slot;
	enum lp_gate_text text;
	bool tail_written; /* closed, and the rest of the jump is behind the head */
	bool pad_written;
	bool left; /* nobody's: somebody else's bytes were in the way of closing it */
	struct lp_grave *grave; /* while it waits there */
};

/* What a gate is made from; borrowed for the call. */
struct lp_gate_source {
	uint64_t base, lo, hi; /* the object: load base, extent */
	const struct lp_file_function *plan;
	const uint8_t *moved; /* the plan's moved bytes */
	const struct lp_file_fixup *fixups; /* the plan's first fixup */
};

/*
 * Puts the original bytes over those of [base+vaddr, +size) that gates have changed: what was read
 * from memory becomes what the file has. What is not a gate's jump stays.
 */
void lp_gate_overlay(uint64_t base, uint64_t vaddr, uint8_t *bytes, uint64_t size);

/*
 * Nothing visible. NULL with *error: -EEXIST (a gate in use is there, under another name),
 * -ENOTUNIQ (its padding is used for another gate), -EACCES (the code may not be written), -ENOMEM (no
 * memory near), or another negative errno.
 */
struct lp_gate *lp_gate_open(const struct lp_gate_source *source, int *error);
/*
 * Frees it once no task is in it. An entry that could not be restored for want of memory leads to the
 * original, and is tried again; one whose bytes somebody else changed stays. One whose object is gone, or was
 * opened again at the same place, has nothing to restore.
 */
void lp_gate_close(struct lp_gate *gate);

/*
 * Redirecting, in this order for all gates of a transition:
 *  1. lp_gate_prepare(): the jump is looked for: an object that was closed and opened again has none;
 *     padding written. 0 or negative errno.
 *  2. barrier; lp_gate_redirect(): 0: done; 1: the entry is closed, the second half is due;
 *     or a negative errno (then the text is the original).
 *  3. if any answered 1: barrier; every task seen outside the boundaries
 *     (lp_gate_boundaries()) when the entry has several instructions;
 *     lp_gate_finish() (its two steps with a barrier in between are its own); barrier.
 */
int lp_gate_prepare(struct lp_gate *gate);
int lp_gate_redirect(struct lp_gate *gate);
/* Adds the addresses at which a task must not stand while the entry is rewritten. 0 or -ENOMEM */
int lp_gate_boundaries(const struct lp_gate *gate, struct lp_ranges *ranges);
bool lp_gate_has_boundaries(const struct lp_gate *gate);
int lp_gate_finish(struct lp_gate *gate);

/* The original bytes again (not the padding); barrier by the caller afterwards. */
int lp_gate_restore(struct lp_gate *gate);

static inline void lp_gate_set_slot(struct lp_gate *gate, uint64_t addr)
{
	__atomic_store_n(gate->slot, addr, __ATOMIC_SEQ_CST);
}

#endif
