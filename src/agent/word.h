/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * word.h - the patch state of a task: its word and marks in thread-local storage.
 *
 * A transition is a chain of eras: one when it starts, one more at each reverse. In the first era of
 * a chain, and every second after it, the target is "patched". All values below hold the
 * era; values of eras before the chain mean "not asked": unpatched.
 *
 *	word	era<<4 | patched<<3 | again<<2 | bump
 *						written by the task: its decision (compare-and-swap),
 *						and `again` if it could not switch, so that it asks
 *						again at its next entry; by the checker: the bump
 *						bit, so that it asks whatever it decided before
 *	count					of the checker's bumps: a decision is one
 *						compare-and-swap of word and count, so it fails if
 *						there was a bump since the word was read
 *	mark	era<<2 | MARKED			the checker is about to look at the task
 *		era<<2 | MARKED | APPROVED	it was seen clean, and had not come by: it is at the
 *						target of that era
 *		anything else			nothing (APPROVED that came too late has no MARKED)
 *
 * The state is the latest of: word's decision, approved marks; see lp_word_state(). The task takes a
 * mark away (compare-and-swap MARKED -> 0) before it decides. The checker never writes another
 * task's memory directly, because a task may exit and its memory vanish at any moment: it uses
 * futex(FUTEX_WAKE_OP), which is atomic, and answers EFAULT instead of raising a signal.
 * docs/design/protocol.md has the proof, tests/model the model.
 */
#ifndef LP_AGENT_WORD_H
#define LP_AGENT_WORD_H

#include <stdbool.h>
#include <stdint.h>

struct lp_word {
	union {
		struct {
			uint32_t word, count;
		};
		uint64_t word_and_count;
	};
	uint32_t mark[2]; /* by era & 1 */
	uint32_t quiet; /* generation of the quiescence that this task was last seen outside of */
	/*
	 * What the task itself last found on its stack, and where, in which era. Inverted, because
	 * the word lies between the stack and the fs base, where the task looks for such addresses.
	 */
	uint64_t hit_addr_inverted, hit_sp;
	uint32_t hit_era;
} __attribute__((aligned(8)));

#define LP_WORD_BUMP 1u
#define LP_WORD_AGAIN 4u
#define LP_WORD_PATCHED 8u
#define LP_WORD_ERA_SHIFT 4
#define LP_MARK_MARKED 1u
#define LP_MARK_APPROVED 2u
#define LP_MARK_ERA_SHIFT 2
#define LP_ERA_MAX (1u << 27) /* the agent refuses transitions after that many eras */

static inline uint32_t lp_word_value(uint32_t era, bool patched)
{
	return era << LP_WORD_ERA_SHIFT | (patched ? LP_WORD_PATCHED : 0);
}

static inline uint32_t lp_word_era(uint32_t word)
{
	return word >> LP_WORD_ERA_SHIFT;
}

static inline uint32_t lp_mark_value(uint32_t era)
{
	return era << LP_MARK_ERA_SHIFT | LP_MARK_MARKED;
}

static inline bool lp_mark_is_approved(uint32_t mark)
{
	return (mark & (LP_MARK_MARKED | LP_MARK_APPROVED)) == (LP_MARK_MARKED | LP_MARK_APPROVED);
}

/* target of an era: patched? */
static inline bool lp_era_target(uint32_t chain, uint32_t era)
{
	return ((era - chain) & 1) == 0;
}

/* Whether the task has decided, or was approved, in this chain. */
static inline bool lp_word_asked(const struct lp_word *w, uint32_t chain)
{
	if (lp_word_era(w->word) >= chain)
		return true;
	for (int i = 0; i < 2; i++)
		if (lp_mark_is_approved(w->mark[i]) && w->mark[i] >> LP_MARK_ERA_SHIFT >= chain)
			return true;
	return false;
}

/* Whether the task is patched, as of these values, in the chain of eras that began at `chain`. */
static inline bool lp_word_state(const struct lp_word *w, uint32_t chain)
{
	uint32_t era = lp_word_era(w->word);
	bool patched = w->word & LP_WORD_PATCHED;

	if (era < chain) {
		era = 0;
		patched = false;
	}
	for (int i = 0; i < 2; i++) {
		uint32_t mark_era = w->mark[i] >> LP_MARK_ERA_SHIFT;

		if (lp_mark_is_approved(w->mark[i]) && mark_era >= chain && mark_era >= era) {
			era = mark_era;
			patched = lp_era_target(chain, mark_era);
		}
	}
	return patched;
}

/* Whether the task has been asked, or approved, in this very era and is at its target. */
static inline bool lp_word_confirmed(const struct lp_word *w, uint32_t chain, uint32_t era)
{
	if (w->mark[era & 1] == (lp_mark_value(era) | LP_MARK_APPROVED))
		return true;
	return lp_word_era(w->word) == era &&
	       !!(w->word & LP_WORD_PATCHED) == lp_era_target(chain, era);
}

#endif
