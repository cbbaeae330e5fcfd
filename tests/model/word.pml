/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * word.pml - word and marks, the places a task can be at, and what of them is a busy range.
 * Included by protocol.pml.
 */

/* as in src/agent/word.h */
#define BUMP 3 /* one bit but for a fault */
#define AGAIN 4
#define WORD(e, p) ((e) * 16 + (p) * 8)
#define WORD_ERA(w) ((w) >> 4)
#define WORD_PATCHED(w) (((w) >> 3) & 1)
#define MARKED 1
#define APPROVED 2
#define MARK(e) ((e) * 4 + MARKED)
#define MARK_ERA(m) ((m) >> 2)
#define IS_APPROVED(m) (((m) & 3) == (MARKED | APPROVED))

/* a view: era * 4 + phase; 0: none */
#define SWITCHING 0
#define HOLDING 1
#define CLOSING 2
#define VIEW(e, phase) ((e) * 4 + (phase))
#define VIEW_ERA(v) ((v) >> 2)
#define VIEW_PHASE(v) ((v) & 3)

/* there are at most two transitions, and the chain of the first begins with era 1 */
#define CHAIN(e) ((e) < chain -> 1 : chain)
#define TARGET(c, e) (1 - (((e) - (c)) & 1))

/* a version: 0 what ran at first, 1 the other; what a state stands for in the chain of an era */
#define NONE 2
#define VERSION(e, p) ((e) < chain -> (p) : current ^ (p))

/* where a level of a task is; a level is one call into a patched function, or our handler */
#define OUT 0
#define AT_SITE 1 /* about to jump through the slot; nothing is read yet */
#define IN_STUB 2 /* about to compare the word with era|patched */
#define IN_STUB_2 3 /* with era|unpatched */
#define TO_0 4 /* has compared, about to jump into version 0 */
#define TO_1 5
#define SLOW_WORD 6 /* in the slow path, or our handler: about to read the word */
#define SLOW_VIEW 7 /* the view */
#define SLOW_MARK 8 /* to see whether it is marked */
#define SLOW_TAKE 9 /* to take the mark */
#define SLOW_READ 10 /* to read the first mark */
#define SLOW_SCAN 11 /* the second, and to look at the own stack */
#define SLOW_SWAP 12 /* to compare and swap */
#define SLOW_LATE 13 /* fault: to take the mark */
#define IN_0 14 /* in version 0 */
#define IN_1 15
#define FIRST_READ (FAULT(VIEW_FIRST) -> SLOW_VIEW : SLOW_WORD)

#define LEVELS (DEEP + (TASKS - 1) * WIDE)
#define FIRST(t) ((t) == 0 -> 0 : DEEP + ((t) - 1) * WIDE)
#define DEPTH_MAX(t) ((t) == 0 -> DEEP : WIDE)

/* what the agent's thread does next */
#define START 0
#define SLOTS_TO_STUBS 1
#define PUBLISH 2
#define LIST 3
#define TRY 4
#define COUNT_TO_CONFIRM 5
#define BUMP_TO_CONFIRM 6
#define CONFIRM 7
#define SET_MARK 8
#define MARK_IT 9
#define COUNT_TO_LOOK 10
#define BUMP_TO_LOOK 11
#define LOOK 12
#define LOOK_AGAIN 13
#define LATE_MARK 14 /* fault */
#define APPROVE 15
#define READ_AGAIN 16
#define COUNT_TO_FORCE 17
#define BUMP_TO_FORCE 18
#define CLOSE 19
#define COMPLETE 20
#define SETTLE 21
#define END 22

/* the agent's */
byte todo;
byte subject; /* task, or site */
bool clean, all_switched, asking_newborn;
/* stands for the count of how often the task got a processor: it has changed since it was read */
bool woke;
byte seen_bump;
#if HAS_STORE_BUFFER
bool mark_buffered, bump_buffered;
#endif
byte n_transitions, n_reverses;
byte chain, era, ready, current;
byte view;
byte slot[SITES]; /* 0: leads to version settled directly; else to the stub of this era */
bit settled;
byte goal; /* ghost: the only version that may be entered, NONE: both */
bool forced; /* ghost */
#ifdef ALONE
byte passes; /* ghost: begun since a task or the operator did something */
#endif

/* a task's, in memory */
byte word[TASKS];
byte mark[2 * TASKS];
byte hit_era[TASKS];
bool alive[TASKS];
byte depth[TASKS]; /* levels in use */
byte effective[TASKS]; /* ghost: version of the state */
byte entered[TASKS]; /* ghost: version of all entries since it changed, NONE */
#if TASKS == 1
byte last_entered; /* ghost: version of the last entry, NONE */
byte n_changes; /* ghost: of the version of entries, in this transition */
#endif
#if LIVES > 0
bit life[TASKS]; /* of the memory's owners */
byte n_lives;
#endif

byte at[LEVELS];
byte stub_of[LEVELS]; /* era of the stub it is in, 0: our handler */
byte seen[LEVELS]; /* the slow path's copy of the word */
byte shown[LEVELS]; /* of the view; then what it is going to write */
byte seen_mark[LEVELS]; /* of the first mark, if that is approved */
bool decided[LEVELS];
bool outdated[LEVELS]; /* the count is no longer what was read with the word */
#ifdef FORCE
bool under_way[LEVELS]; /* ghost: it was in a stub when the transition was complete */
#endif
#ifdef ALONE
byte rounds[LEVELS]; /* ghost: of the slow path since anybody else did something */
#endif
#if SITES > 1
bit site_of[LEVELS];
#define SLOT(l) slot[site_of[l]]
#else
#define SLOT(l) slot[0]
#endif

/* nobody calls anything, nobody asks */
#if TASKS > 1
#define IDLE (depth[0] == 0 && depth[1] == 0)
#else
#define IDLE (depth[0] == 0)
#endif

#define TOP(t) (FIRST(t) + depth[t] - 1)

/* What the inlines below give back within one step; no part of the state. */
hidden byte is_patched, its_era, its_chain, its_target, leaving, n;
hidden byte was_asked, is_confirmed, may;

/* lp_word_state() and lp_word_asked() */
inline take_in(a_mark)
{
	if
	:: IS_APPROVED(a_mark) && MARK_ERA(a_mark) >= its_chain ->
		was_asked = true;
		if
		:: MARK_ERA(a_mark) >= its_era || FAULT(MARK_ORDER_IGNORED) ->
			its_era = MARK_ERA(a_mark);
			is_patched = TARGET(its_chain, its_era)
		:: else
		fi
	:: else
	fi
}

/* of a word and marks, in its_chain */
inline state_of(a_word, mark_0, mark_1)
{
	its_era = 0;
	is_patched = 0;
	was_asked = false;
	if
	:: WORD_ERA(a_word) >= its_chain ->
		its_era = WORD_ERA(a_word);
		is_patched = WORD_PATCHED(a_word);
		was_asked = true
	:: else
	fi;
	take_in(mark_0);
	take_in(mark_1)
}

#define TASK_MARK(t, e) mark[2 * (t) + SIDE(e)]
#define SIDE(e) (FAULT(ONE_MARK) -> 0 : (e) & 1)

/* and lp_word_confirmed(), of the present era */
inline state_of_task(t)
{
	its_chain = chain;
	state_of(word[t], mark[2 * (t)], mark[2 * (t) + 1]);
	is_confirmed = TASK_MARK(t, era) == (MARK(era) | APPROVED) ||
		(WORD_ERA(word[t]) == era && WORD_PATCHED(word[t]) == TARGET(chain, era))
}

/* Is this place in a busy range? In the slow path: as a return address. */
#define IS_STUB(l) \
	(!FAULT(STUB_NOT_BUSY) && at[l] >= IN_STUB && at[l] <= SLOW_LATE && stub_of[l] > 0 && \
	 (!FAULT(STALE_STUB_NOT_BUSY) || stub_of[l] >= chain))
#define IS_VERSION(l, v) (at[l] == IN_0 + (v))
#define IS_BUSY(l, v) (IS_VERSION(l, v) || IS_STUB(l))

/* a jump into v under way, or a frame of v: what a switch away from v must never meet */
#define LEADS_TO(l, v) (at[l] == IN_0 + (v) || at[l] == TO_0 + (v))

#define BELOW_(t, what, v) (depth[t] > 1 && what(FIRST(t), v))
#if DEEP == 3
#define BELOW(t, what, v) (BELOW_(t, what, v) || (depth[t] > 2 && what(FIRST(t) + 1, v)))
#else
#define BELOW(t, what, v) BELOW_(t, what, v)
#endif
#define ANYWHERE(t, what, v) ((depth[t] > 0 && what(TOP(t), v)) || BELOW(t, what, v))

/*
 * What a look at a sleeping task finds. The pc: in a stub (a page fault, say). The stack: return
 * addresses and interrupted pcs of the levels below; the stub's, in the slow path; that of the
 * version it is in, which made the system call - but only as long as it sleeps.
 */
#define PC_BUSY(t) (depth[t] > 0 && at[TOP(t)] < SLOW_WORD && IS_STUB(TOP(t)))
#define STACK_BUSY(t, v) \
	(BELOW(t, IS_BUSY, v) || (depth[t] > 0 && \
	 ((at[TOP(t)] >= SLOW_WORD && IS_STUB(TOP(t))) || (!woke && IS_VERSION(TOP(t), v)))))
