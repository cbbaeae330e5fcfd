/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * word.pml - words, the places a task can be at, and what of them is a busy range. Included by
 * pending.pml.
 */
/* a version: 0 what ran at first, 1 the other */
#define NONE 2

/* a word: epoch * 4 + state; one of an older epoch means "not asked yet", so "as before" */
#define UNPATCHED 0
#define PATCHED 1
#define PENDING_U 2 /* a checker looks at it; it was unpatched, or not asked */
#define PENDING_P 3 /* a checker looks at it; it was patched */
#define WORD(s) (epoch * 4 + (s))
#define STATE(w) ((w) % 4)
#define IS_ASKED(w) ((w) / 4 == epoch)
#define IS_DECIDED(w) (IS_ASKED(w) && STATE(w) <= PATCHED)
#define IS_PENDING(w) (IS_ASKED(w) && STATE(w) >= PENDING_U)
#ifdef PENDING_FORGETS
#define KEEP(w) (IS_ASKED(w) && STATE(w) == PATCHED -> PATCHED : UNPATCHED)
#else
#define KEEP(w) (IS_ASKED(w) && STATE(w) % 2 == 1 -> PATCHED : UNPATCHED)
#endif
#define PENDING_KIND(w) (KEEP(w) == PATCHED -> PENDING_P : PENDING_U)
/* what a state stands for in a given transition */
#define VERSION(e, s) ((s) == PATCHED -> 1 - current[e] : current[e])

/* where a level of a task is; a level is one call into the patched function */
#define OUT 0
#define AT_SITE 1 /* about to jump through the slot; nothing is read yet */
#define IN_STUB 2 /* about to read the word */
#define TO_0 3 /* has read it, about to jump into version 0 */
#define TO_1 4
#define SLOW 5 /* in the slow path, called by the stub: about to read the word */
#define SLOW_SEEN 6 /* about to read epoch and target, and to scan the stack */
#define SLOW_SWAP 7 /* about to compare and swap */
#define IN_0 8 /* in version 0 */
#define IN_1 9

#define LEVELS (DEEP + (TASKS - 1) * WIDE)
#define FIRST(t) ((t) == 0 -> 0 : DEEP + ((t) - 1) * WIDE)
#define DEPTH_MAX(t) ((t) == 0 -> DEEP : WIDE)

/* phases of the transition */
#define IDLE 0
#define STARTED 1 /* epoch and target are set, the slot is not yet */
#define MOVING 2
#define COMPLETE 3 /* declared, the slot still leads to the stub */

byte phase, epoch, target, n_reverses;
byte current[3]; /* by epoch: the version of the unpatched */
byte slot; /* 0: leads to version settled directly; else to the stub of this epoch */
byte settled;
byte goal; /* ghost: the only version that may be entered, NONE: both */
bool forced;

byte word[TASKS];
bool alive[TASKS];
bool asleep[TASKS]; /* in a system call of the function, or of nobody */
/* stands for the counter of context switches of the task that the checker reads */
byte watched; /* task + 1, 0: none */
bool woke; /* it has changed since the first read */
bool nudged[TASKS]; /* the checker's signal is on its way */
byte depth[TASKS]; /* levels in use */
byte effective[TASKS]; /* ghost: version of the last decision */
byte entered[TASKS]; /* ghost: version of all entries since, NONE */
byte n_changes; /* ghost: of the effective version of a lone task, in this transition */

byte at[LEVELS];
byte stub_of[LEVELS]; /* epoch of the stub it is in */
byte seen[LEVELS]; /* the slow path's copy of the word */
byte wanted[LEVELS]; /* and what it is going to write */

#define TOP(t) (FIRST(t) + depth[t] - 1)

/* Is this place in a busy range, when version v is being left? */
#define IS_VERSION(l, v) (at[l] == IN_0 + (v))
#ifdef STUB_NOT_BUSY
#define IS_STUB(l) false
#elif defined(STALE_STUB_NOT_BUSY)
#define IS_STUB(l) (at[l] >= IN_STUB && at[l] <= SLOW_SWAP && stub_of[l] == epoch)
#else
#define IS_STUB(l) (at[l] >= IN_STUB && at[l] <= SLOW_SWAP)
#endif
#define IS_BUSY(l, v) (IS_VERSION(l, v) || IS_STUB(l))
#define IS_SLOW(l) (at[l] >= SLOW && at[l] <= SLOW_SWAP)

/* a jump into v under way, or a frame of v: what a switch away from v must never meet */
#define LEADS_TO(l, v) (at[l] == IN_0 + (v) || at[l] == TO_0 + (v))
#if DEEP == 3
#define LEVEL_LEADS_TO(t, n, v) (depth[t] > n && LEADS_TO(FIRST(t) + n, v))
#define TASK_LEADS_TO(t, v) \
	(LEVEL_LEADS_TO(t, 0, v) || LEVEL_LEADS_TO(t, 1, v) || LEVEL_LEADS_TO(t, 2, v))
#define BELOW_BUSY(t, v) \
	((depth[t] > 1 && IS_BUSY(FIRST(t), v)) || (depth[t] > 2 && IS_BUSY(FIRST(t) + 1, v)))
#define BELOW_VERSION(t, v) \
	((depth[t] > 1 && IS_VERSION(FIRST(t), v)) || \
	 (depth[t] > 2 && IS_VERSION(FIRST(t) + 1, v)))
#else
#define LEVEL_LEADS_TO(t, n, v) (depth[t] > n && LEADS_TO(FIRST(t) + n, v))
#define TASK_LEADS_TO(t, v) (LEVEL_LEADS_TO(t, 0, v) || LEVEL_LEADS_TO(t, 1, v))
#define BELOW_BUSY(t, v) (depth[t] > 1 && IS_BUSY(FIRST(t), v))
#define BELOW_VERSION(t, v) (depth[t] > 1 && IS_VERSION(FIRST(t), v))
#endif

/*
 * The pc is busy: the task runs in a busy range. The stack is busy: a return address or an
 * interrupted pc of a level below is; so is, asleep, the return address of the system call; so is,
 * in the slow path, the return address into the stub (not for its own scan: that starts above it).
 */
#define PC_BUSY(t, v) \
	(depth[t] > 0 && !asleep[t] && !IS_SLOW(TOP(t)) && IS_BUSY(TOP(t), v))
#ifdef NO_STACK
#define STACK_BUSY(t, v) false
#define OWN_STACK_BUSY(t, v) false
#else
#define STACK_BUSY(t, v) \
	(BELOW_BUSY(t, v) || \
	 (depth[t] > 0 && (asleep[t] || IS_SLOW(TOP(t))) && IS_BUSY(TOP(t), v)))
#define OWN_STACK_BUSY(t, v) BELOW_BUSY(t, v)
#endif

#ifdef REACH
#define REACHED(what) assert(!(REACH == what))
#else
#define REACHED(what) skip
#endif
/* what must be reachable, lest the model holds for want of anything happening */
#define PATCHED_ALL 1
#define REVERSED_ALL 2
#define SWITCHED_BY_CHECKER 3
#define SWITCHED_BY_NUDGE 4
#define SWITCHED_BY_ITSELF 5
#define KEPT_IN_REVERSE 6
#define MARK_REMOVED 7
#define STALE_STUB_USED 8
#define PATCHED_TWICE 9
