/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * checker.pml - what the agent's thread does: start, check, complete; the operator's reverse.
 * Included by pending.pml.
 */
#ifdef NO_FENCE
/* a plain store, which the processor keeps in its buffer for a while (x86-TSO) */
bool buffered;
byte buffered_task, buffered_word;

inline drain()
{
	if
	:: buffered ->
		word[buffered_task] = buffered_word;
		buffered = false;
		buffered_task = 0;
		buffered_word = 0
	:: else
	fi
}

proctype store_buffer()
{
end:	do
	:: atomic { buffered -> drain() }
	od
}
#else
#define drain() skip
#endif

/* the checker's own */
byte subject, wish, mark, left_version;
bool clean, swapped;

/* A locked instruction: empties the store buffer first. */
inline compare_and_swap(t, old, new)
{
	drain();
	swapped = false;
	if
	:: word[t] == (old) ->
		word[t] = new;
		swapped = true
	:: else
	fi
}

inline mark_pending(t)
{
	mark = word[t];
	if
	:: IS_PENDING(mark) -> swapped = true
#ifdef NO_FENCE
	/* nobody else writes a decided word, so that a store would do but for the order */
	:: IS_DECIDED(mark) ->
		drain();
		buffered = true;
		buffered_task = t;
		buffered_word = WORD(PENDING_KIND(mark));
		mark = buffered_word;
		swapped = true
	:: else -> compare_and_swap(t, mark, WORD(PENDING_KIND(mark)));
#else
	:: else -> compare_and_swap(t, mark, WORD(PENDING_KIND(mark)));
#endif
		mark = (swapped -> word[t] : 0)
	fi
}

/* Two reads of a sleeping task, which may wake in between. */
inline snapshot_asleep(t)
{
	atomic { watched = t + 1; clean = asleep[t] && !PC_BUSY(t, left_version) };
	atomic { clean = clean && !STACK_BUSY(t, left_version) };
	atomic {
#ifndef NO_SECOND_READ
		clean = clean && asleep[t] && !woke;
#endif
		watched = 0;
		woke = false
	}
}

inline settle(t)
{
	atomic {
#ifdef BLIND_STORE
		drain();
		word[t] = WORD(wish);
		swapped = true;
#else
		compare_and_swap(t, mark, WORD(wish));
#endif
		if
		:: swapped ->
			REACHED(SWITCHED_BY_CHECKER);
			decide(t, wish)
		:: else
		fi
	}
}

inline check(t)
{
	atomic {
		wish = target;
		left_version = 1 - VERSION(epoch, wish);
#ifdef NO_PENDING
		mark = word[t];
		swapped = true
#else
		if
		:: word[t] == WORD(wish) -> swapped = false /* it came by meanwhile */
		:: !IS_ASKED(word[t]) && wish == UNPATCHED ->
			compare_and_swap(t, word[t], WORD(UNPATCHED));
			decide(t, UNPATCHED);
			swapped = false
		:: else -> mark_pending(t)
		fi
#endif
	};
	if
	:: swapped && asleep[t] ->
		snapshot_asleep(t);
		if
		:: clean -> settle(t)
		:: else
		fi
	:: swapped && !asleep[t] -> nudged[t] = true
	:: else
	fi;
	atomic { wish = 0; mark = 0; left_version = 0; clean = false; swapped = false }
}

#define NOT_THERE(t) (phase == MOVING && alive[t] && word[t] != WORD(target))
#if TASKS == 1
#define ALL_THERE (!NOT_THERE(0))
#define NOBODY_IN(v) (!TASK_LEADS_TO(0, v))
#else
#define ALL_THERE (!NOT_THERE(0) && !NOT_THERE(1))
#define NOBODY_IN(v) (!TASK_LEADS_TO(0, v) && !TASK_LEADS_TO(1, v))
#endif

inline start()
{
	atomic {
		current[epoch + 1] = settled;
		epoch++;
#ifdef EARLY_TARGET
		target = PATCHED;
#else
		target = UNPATCHED;
#endif
		n_reverses = 0;
		n_changes = 0;
		goal = NONE;
		phase = STARTED
	};
	/*
	 * Nobody may decide for PATCHED while a slot still leads past the stub: a late slow path of
	 * the transition before would, and then jump through such a slot into the wrong version.
	 */
#ifdef EARLY_CHECK
	atomic { target = PATCHED; phase = MOVING }
#else
	slot = epoch;
	atomic { target = PATCHED; phase = MOVING }
#endif
}

inline complete()
{
	goal = VERSION(epoch, target);
	assert(forced || NOBODY_IN(1 - goal)); /* I4 */
	if
	:: target == PATCHED -> REACHED(PATCHED_ALL)
	:: else -> REACHED(REVERSED_ALL)
	fi;
	if
	:: target == PATCHED && epoch == 2 -> REACHED(PATCHED_TWICE)
	:: else
	fi;
	phase = COMPLETE
}

inline force()
{
	forced = true;
	subject = 0;
	do
	:: subject < TASKS ->
		atomic {
			if
			:: alive[subject] ->
				word[subject] = WORD(target);
				decide(subject, target)
			:: else
			fi;
			subject++
		}
	:: else -> break
	od;
	subject = 0
}

proctype checker()
{
	do
	:: epoch == EPOCHS -> break
	:: else ->
		start();
		do
#ifdef EARLY_CHECK
		:: slot != epoch -> slot = epoch
#endif
		:: NOT_THERE(0) -> check(0)
#if TASKS > 1
		:: NOT_THERE(1) -> check(1)
#endif
#ifdef FORCE
		:: !forced -> force()
#endif
		:: atomic { slot == epoch && ALL_THERE -> complete(); break }
		od;
		atomic { settled = goal; slot = 0; phase = IDLE }
	od
}

#if REVERSES > 0
proctype operator()
{
end:	do
	:: atomic {
		phase == MOVING && n_reverses < REVERSES && !forced ->
		n_reverses++;
		target = 1 - target
	}
	od
}
#endif
