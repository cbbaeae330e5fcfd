/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * checker.pml - what the agent's thread does: start, passes, attempts, reverse, end. Included by
 * protocol.pml. One line of checker() at the end is one step that others can see; all choices are
 * between these lines.
 */

#if TASKS > 1
#define TO_EACH(what) what(0); what(1)
#define NOBODY_IN(v) \
	(!(alive[0] && ANYWHERE(0, LEADS_TO, v)) && !(alive[1] && ANYWHERE(1, LEADS_TO, v)))
#else
#define TO_EACH(what) what(0)
#define NOBODY_IN(v) (!(alive[0] && ANYWHERE(0, LEADS_TO, v)))
#endif

/* The tasks of a pass, by their memory and its owner. */
#if LIVES > 0
#define IS_LISTED(t) (listed[t])
#define IS_GONE(t) (!alive[t] || life[t] != listed_life[t])
bool listed[TASKS];
bit listed_life[TASKS];
#else
#define IS_LISTED(t) true
#define IS_GONE(t) false
#endif

/* --- the transition --- */

inline begin_ghosts(t)
{
	effective[t] = settled;
#if TASKS == 1
	last_entered = (last_entered == NONE -> NONE : settled);
	n_changes = 0
#endif
}

inline start()
{
	chain = ready + 1;
	era = chain;
	ready = era + 1;
	current = settled;
	n_transitions++;
	n_reverses = 0;
	TO_EACH(begin_ghosts);
	view = VIEW(era, (FAULT(NO_HOLDING) -> SWITCHING : HOLDING));
	goal = (FAULT(NO_HOLDING) -> NONE : goal);
	todo = SLOTS_TO_STUBS
}

inline slot_to_stub()
{
	slot[subject] = era;
	subject++;
	if
	:: subject < SITES
	:: else ->
		subject = 0;
		todo = (view == VIEW(era, HOLDING) -> PUBLISH : LIST)
	fi
}

inline publish_switching()
{
	view = VIEW(era, SWITCHING);
	goal = NONE;
	todo = LIST
}

/* A reverse before all sites ask, or an error. */
inline abandon()
{
	subject = 0;
	todo = SETTLE
}

/* Stubs of the next era are ready from the beginning; later ones are made when needed. */
inline reverse()
{
	n_reverses++;
	era++;
	ready = (ready < era -> era : ready);
	view = VIEW(era, SWITCHING);
	asking_newborn = false;
	all_switched = false;
	subject = 0;
#ifdef ALONE
	passes = 0;
#endif
	todo = SLOTS_TO_STUBS
}

inline force()
{
	forced = true;
	asking_newborn = false;
	todo = LIST
}

inline close()
{
	view = VIEW(era, CLOSING);
	asking_newborn = true;
	todo = LIST
}

#ifdef FORCE
inline note_under_way(t)
{
	n = 0;
	do
	:: n < DEPTH_MAX(t) ->
		under_way[FIRST(t) + n] = at[FIRST(t) + n] >= IN_STUB &&
			at[FIRST(t) + n] <= SLOW_LATE && stub_of[FIRST(t) + n] > 0;
		n++
	:: else -> break
	od;
	n = 0
}
#endif

inline complete()
{
	settled = VERSION(era, TARGET(chain, era));
	goal = (forced -> NONE : settled);
	assert(forced || NOBODY_IN(1 - settled)); /* I4 */
	if
	:: settled != current -> REACHED(PATCHED_ALL)
	:: else -> REACHED(REVERSED_ALL)
	fi;
	if
	:: settled != current && current == 1 -> REACHED(THERE_AND_BACK)
	:: else
	fi;
	asking_newborn = false;
	all_switched = false;
	todo = SETTLE
}

inline settle()
{
	slot[subject] = 0;
	subject++;
	if
	:: subject < SITES
	:: else ->
		subject = 0;
		todo = END
	fi
}

inline finish()
{
	view = 0;
#ifdef FORCE
	goal = settled;
	TO_EACH(note_under_way);
#endif
	todo = START
}

/* --- a pass --- */

inline list_task(t)
{
#if LIVES > 0
	listed[t] = alive[t];
	listed_life[t] = life[t]
#else
	skip
#endif
}

inline unlist_task(t)
{
#if LIVES > 0
	listed[t] = false;
	listed_life[t] = 0
#else
	skip
#endif
}

inline next_task()
{
	clean = false;
	seen_bump = 0;
	do
	:: subject < TASKS && !IS_LISTED(subject) -> subject++
	:: else -> break
	od;
	if
	:: subject < TASKS -> todo = TRY
	:: else ->
		subject = 0;
		TO_EACH(unlist_task);
		if
		:: !all_switched ->
			asking_newborn = false;
			todo = LIST
		:: all_switched && !asking_newborn ->
			todo = (FAULT(NO_CLOSING) -> COMPLETE : CLOSE)
		:: all_switched && asking_newborn -> todo = COMPLETE
		fi
	fi
}

inline list_tasks()
{
#ifdef ALONE
	passes = (IDLE -> passes + 1 : 0);
	assert(passes <= 3); /* nobody is in the way, and it is not complete */
#endif
	TO_EACH(list_task);
	all_switched = true;
	subject = 0;
	next_task()
}

inline conclude(is_switched)
{
	all_switched = all_switched && (is_switched);
	subject++;
	next_task()
}

/* --- an attempt: try_switch(); its memory may have gone, or be another's by now --- */

#define IF_THERE(t) \
	if \
	:: !alive[t] -> conclude(true) \
	:: else ->
#define END_IF_THERE \
	fi

inline try_switch(t)
{
	if
	:: IS_GONE(t) -> conclude(true)
	:: else ->
		state_of_task(t);
		seen_bump = (COUNTED -> 0 : word[t] & BUMP);
		if
		:: forced && !(asking_newborn && is_confirmed) -> todo = SET_MARK
		:: is_confirmed && (!forced || asking_newborn) -> conclude(true)
		:: !forced && !is_confirmed && (is_patched == TARGET(chain, era) ||
				     (asking_newborn && !was_asked)) ->
			todo = (FAULT(NO_CONFIRM_BUMP) -> CONFIRM : COUNT_TO_CONFIRM)
		:: else -> todo = (FAULT(NO_MARK) -> LOOK : SET_MARK)
		fi
	fi
}

inline confirm(t)
{
	IF_THERE(t)
		state_of_task(t);
		if
		:: is_patched == TARGET(chain, era) ||
		   (VIEW_PHASE(view) == CLOSING && !was_asked) ->
			REACHED(CONFIRMED_BY_BUMP);
			conclude(true)
		:: else ->
			REACHED(CONFIRM_FAILED);
			conclude(false)
		fi
	END_IF_THERE
}

inline mark_now(t)
{
	TASK_MARK(t, era) = TASK_MARK(t, era) | MARKED
}

/* The count never comes back: whoever has read it with the word will fail. */
inline count_now(t)
{
	n = 0;
	do
	:: n < DEPTH_MAX(t) ->
		outdated[FIRST(t) + n] = outdated[FIRST(t) + n] || (COUNTED &&
			at[FIRST(t) + n] >= SLOW_VIEW && at[FIRST(t) + n] <= SLOW_SWAP);
		n++
	:: else -> break
	od;
	n = 0
}

inline bump_now(t)
{
	if
	:: FAULT(BUMP_CLEARS) -> word[t] = word[t] ^ 1
	:: FAULT(BUMP_REPEATS) -> word[t] = word[t] ^ (seen_bump % 3 == 0 -> 1 : 3)
	:: else -> word[t] = word[t] | 1
	fi
}

/* A locked instruction: what the processor still keeps is stored first. */
inline drain(t)
{
#if HAS_STORE_BUFFER
	if
	:: mark_buffered -> mark_now(t)
	:: else
	fi;
	if
	:: bump_buffered -> count_now(t); bump_now(t)
	:: else
	fi;
	mark_buffered = false;
	bump_buffered = false
#else
	skip
#endif
}

/* In steps, of which only the last says something. */
inline set_mark(t)
{
	IF_THERE(t)
		TASK_MARK(t, era) = era * 4;
		todo = MARK_IT
	END_IF_THERE
}

inline mark_it(t)
{
	IF_THERE(t)
#if HAS_STORE_BUFFER
		mark_buffered = true;
#else
		mark_now(t);
#endif
		todo = (forced -> APPROVE : (FAULT(NO_BUMP) -> LOOK : COUNT_TO_LOOK))
	END_IF_THERE
}

inline count(t, then)
{
	IF_THERE(t)
#if PLANTED != PLAIN_STORES
		drain(t);
		count_now(t);
#endif
		todo = then
	END_IF_THERE
}

inline bump(t, then)
{
	IF_THERE(t)
#if PLANTED == PLAIN_STORES
		bump_buffered = true;
#else
		drain(t);
		bump_now(t);
		seen_bump = 0;
#endif
		todo = then
	END_IF_THERE
}

inline bump_and_conclude(t)
{
	IF_THERE(t)
		bump_now(t);
		conclude(true)
	END_IF_THERE
}

/*
 * It is taken to be asleep at the first step: if it was not, nothing would follow. What it does
 * until the end of the second step, it does because it woke.
 */
inline look(t)
{
	if
	:: IS_GONE(t) -> conclude(true)
	:: else ->
		clean = !PC_BUSY(t);
		todo = LOOK_AGAIN
	fi
}

inline look_again(t)
{
	leaving = VERSION(chain, 1 - TARGET(chain, era));
	if
	:: woke -> REACHED(WOKE_DURING_LOOK)
	:: else
	fi;
	clean = clean && (FAULT(NO_STACK) || !STACK_BUSY(t, leaving)) &&
		(FAULT(NO_SECOND_READ) || !woke);
	woke = false;
	if
	:: clean -> todo = (FAULT(NO_MARK) -> LATE_MARK : APPROVE)
	:: else -> conclude(false)
	fi
}

inline mark_late(t)
{
	IF_THERE(t)
		TASK_MARK(t, era) = MARK(era);
		count_now(t);
		bump_now(t);
		todo = APPROVE
	END_IF_THERE
}

inline approve(t)
{
	IF_THERE(t)
		drain(t);
		TASK_MARK(t, era) = TASK_MARK(t, era) | APPROVED;
		n = effective[t];
		note_switch(t);
		if
		:: forced
		:: !forced && n != effective[t] -> REACHED(SWITCHED_BY_CHECKER)
		:: else -> REACHED(APPROVAL_VOID)
		fi;
		todo = (forced -> COUNT_TO_FORCE : READ_AGAIN)
	END_IF_THERE
}

inline read_again(t)
{
	IF_THERE(t)
		state_of_task(t);
		n = is_confirmed || FAULT(NO_REREAD);
		conclude(n)
	END_IF_THERE
}

/* Somebody else does something: who is in the slow path may need another round. */
#ifdef ALONE
inline stir(t)
{
	n = 0;
	do
	:: n < DEPTH_MAX(t) ->
		rounds[FIRST(t) + n] = 0;
		n++
	:: else -> break
	od;
	n = 0
}
#define STIR TO_EACH(stir)
#else
#define STIR skip
#endif

proctype checker()
{
end:	do
	:: d_step { todo == START && n_transitions < TRANSITIONS -> STIR; start() }
	:: d_step { todo == SLOTS_TO_STUBS -> STIR; slot_to_stub() }
	:: d_step { todo == PUBLISH -> STIR; publish_switching() }
	:: d_step { todo == LIST -> STIR; list_tasks() }
	:: d_step { todo == TRY -> STIR; try_switch(subject) }
	:: d_step { todo == COUNT_TO_CONFIRM -> STIR; count(subject, BUMP_TO_CONFIRM) }
	:: d_step { todo == BUMP_TO_CONFIRM -> STIR; bump(subject, CONFIRM) }
	:: d_step { todo == CONFIRM -> STIR; confirm(subject) }
	:: d_step { todo == SET_MARK -> STIR; set_mark(subject) }
	:: d_step { todo == MARK_IT -> STIR; mark_it(subject) }
	:: d_step { todo == COUNT_TO_LOOK -> STIR; count(subject, BUMP_TO_LOOK) }
	:: d_step { todo == BUMP_TO_LOOK -> STIR; bump(subject, LOOK) }
	:: d_step { todo == LOOK -> STIR; look(subject) }
	:: d_step { todo == LOOK_AGAIN -> STIR; look_again(subject) }
	:: d_step { todo == LATE_MARK -> STIR; mark_late(subject) }
	:: d_step { todo == APPROVE -> STIR; approve(subject) }
	:: d_step { todo == READ_AGAIN -> STIR; read_again(subject) }
	:: d_step { todo == CLOSE -> STIR; close() }
	:: d_step { todo == COMPLETE -> STIR; complete() }
	:: d_step { todo == SETTLE -> STIR; settle() }
	:: d_step { todo == END -> STIR; finish() }
	/* the operator's */
	:: d_step { (todo == LIST || todo == TRY) && n_reverses < REVERSES && !forced -> STIR; reverse() }
#ifdef ABANDON
	:: d_step { todo == PUBLISH || (todo == SLOTS_TO_STUBS && view == VIEW(era, HOLDING)) -> STIR;
		abandon() }
#endif
#ifdef FORCE
	:: d_step { (todo == LIST || todo == TRY) && !forced -> STIR; force() }
	:: d_step { todo == COUNT_TO_FORCE -> STIR; count(subject, BUMP_TO_FORCE) }
	:: d_step { todo == BUMP_TO_FORCE -> STIR; bump_and_conclude(subject) }
#endif
#ifndef ALONE
	/* it runs, or its stack cannot be read */
	:: d_step { todo == LOOK -> STIR; conclude(false) }
#endif
#ifdef OTHERS
	/* another task that is not in the model could not be switched */
	:: d_step { todo == CLOSE || todo == COMPLETE -> STIR; asking_newborn = false; todo = LIST }
#endif
#if HAS_STORE_BUFFER
	/* the processor's, in the order of the stores */
	:: d_step { mark_buffered -> STIR; mark_now(subject); mark_buffered = false }
	:: d_step { !mark_buffered && bump_buffered -> STIR;
		count_now(subject); bump_now(subject); bump_buffered = false }
#endif
	od
}
