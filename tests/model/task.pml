/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * task.pml - what a task does: calls, signals, stub, slow path, exit. Included by protocol.pml.
 * All choices are between the lines of task() at the end: no step above chooses.
 */

/* Word or marks have changed. */
inline note_switch(t)
{
	state_of_task(t);
	if
	:: effective[t] != VERSION(chain, is_patched) ->
		assert(forced || !ANYWHERE(t, LEADS_TO, effective[t])); /* I3 */
		effective[t] = VERSION(chain, is_patched);
		entered[t] = NONE
	:: else
	fi
}

inline enter(t, v)
{
	assert(forced || !BELOW(t, IS_VERSION, 1 - (v))); /* I1 */
	assert(forced || entered[t] == NONE || entered[t] == (v)); /* I1 */
#if TASKS == 1
	if
	:: last_entered != NONE && last_entered != (v) ->
		n_changes++;
		assert(forced || n_changes <= era - chain + 1) /* I2 */
	:: else
	fi;
	last_entered = v;
#endif
#ifdef FORCE
	assert(goal == NONE || goal == (v) || under_way[TOP(t)]); /* I4 */
	under_way[TOP(t)] = false;
#else
	assert(goal == NONE || goal == (v)); /* I4 */
#endif
	entered[t] = v;
	at[TOP(t)] = IN_0 + (v)
}

inline forget(t)
{
	seen[TOP(t)] = 0;
	shown[TOP(t)] = 0;
	seen_mark[TOP(t)] = 0;
	decided[TOP(t)] = false;
	outdated[TOP(t)] = false
}

inline drop_level(t)
{
	forget(t);
	stub_of[TOP(t)] = 0;
#ifdef FORCE
	under_way[TOP(t)] = false;
#endif
#ifdef ALONE
	rounds[TOP(t)] = 0;
#endif
#if SITES > 1
	site_of[TOP(t)] = 0;
#endif
	at[TOP(t)] = OUT;
	depth[t]--
}

inline jump_through_slot(t)
{
	if
	:: SLOT(TOP(t)) == 0 -> enter(t, settled)
	:: else ->
		stub_of[TOP(t)] = SLOT(TOP(t));
		at[TOP(t)] = IN_STUB
	fi
}

/* What is interrupted may need another round. */
#ifdef ALONE
#define STIR_OWN(t) rounds[FIRST(t)] = 0
#else
#define STIR_OWN(t) skip
#endif

/* A call of its own, or of a signal handler of the program, anywhere: also in the stub. */
inline call(t, site)
{
	depth[t]++;
	STIR_OWN(t);
#if SITES > 1
	site_of[TOP(t)] = site;
#endif
	jump_through_slot(t)
}

/* A dispatch: after force too there is only one way, for who came after it. */
inline go_to(t, p)
{
	at[TOP(t)] = TO_0 + VERSION(stub_of[TOP(t)], p);
#ifdef FORCE
	assert(goal == NONE || at[TOP(t)] == TO_0 + goal || under_way[TOP(t)]) /* I4 */
#else
	assert(goal == NONE || at[TOP(t)] == TO_0 + goal) /* I4 */
#endif
}

inline compare_in_stub(t, p, otherwise)
{
	if
	:: word[t] == WORD(stub_of[TOP(t)], p) ->
		if
		:: stub_of[TOP(t)] < chain -> REACHED(STALE_STUB_USED)
		:: else
		fi;
		go_to(t, p)
	:: else -> at[TOP(t)] = otherwise
	fi
}

/* way_of() */
#define KNOWS_THE_WAY(l, v) (stub_of[l] >= CHAIN(VIEW_ERA(v)) || FAULT(STALE_STUB_KNOWS))
inline leave_slow_path(t)
{
#ifdef ALONE
	rounds[TOP(t)] = 0;
#endif
	if
	:: stub_of[TOP(t)] == 0 -> drop_level(t)
	:: else ->
		if
		:: VIEW_ERA(shown[TOP(t)]) > 0 && (seen[TOP(t)] & AGAIN) &&
		   KNOWS_THE_WAY(TOP(t), shown[TOP(t)]) ->
			go_to(t, WORD_PATCHED(seen[TOP(t)]));
			forget(t)
		:: else ->
			forget(t);
			stub_of[TOP(t)] = 0;
			at[TOP(t)] = AT_SITE
		fi
	fi
}

#define NOT_BUMPED(w) (((w) & BUMP) == 0)
#define IS_DECIDED(l) \
	(WORD_ERA(seen[l]) == VIEW_ERA(shown[l]) && NOT_BUMPED(seen[l]) && \
	 (decided[l] || (seen[l] & AGAIN) == 0))

inline consider(t)
{
	if
	:: VIEW_ERA(shown[TOP(t)]) == 0 || IS_DECIDED(TOP(t)) -> leave_slow_path(t)
	:: else -> at[TOP(t)] = SLOW_MARK
	fi
}

inline start_over(t)
{
	seen[TOP(t)] = 0;
	shown[TOP(t)] = 0;
	outdated[TOP(t)] = false;
#ifdef ALONE
	rounds[TOP(t)]++;
	assert(rounds[TOP(t)] <= 3); /* nobody but itself can keep it here */
#endif
	at[TOP(t)] = FIRST_READ
}

inline read_word(t)
{
	seen[TOP(t)] = word[t];
	if
	:: FAULT(VIEW_FIRST) -> consider(t)
	:: else -> at[TOP(t)] = SLOW_VIEW
	fi
}

inline read_view(t)
{
	shown[TOP(t)] = view;
	if
	:: FAULT(VIEW_FIRST) -> at[TOP(t)] = SLOW_WORD
	:: else -> consider(t)
	fi
}

/* The checker's signal, whenever it comes; nothing of it is nested. */
inline handle(t)
{
	depth[t]++;
	STIR_OWN(t);
	at[TOP(t)] = FIRST_READ
}

/* is_still_below(): where the hit was is not in the model, it may always be above */
#define SHOWN_MARK(t) TASK_MARK(t, VIEW_ERA(shown[TOP(t)]))
#define IS_MARKED(t) \
	(FAULT(MARK_ERA_UNCHECKED) -> (SHOWN_MARK(t) & 3) == MARKED : \
	 SHOWN_MARK(t) == MARK(VIEW_ERA(shown[TOP(t)])))
#define MAY_BE_STILL_BELOW(t) \
	(stub_of[TOP(t)] > 0 && WORD_ERA(seen[TOP(t)]) == VIEW_ERA(shown[TOP(t)]) && \
	 NOT_BUMPED(seen[TOP(t)]) && (seen[TOP(t)] & AGAIN) && !decided[TOP(t)] && \
	 VIEW_PHASE(shown[TOP(t)]) == SWITCHING && hit_era[t] == VIEW_ERA(shown[TOP(t)]) && \
	 !IS_MARKED(t))

inline see_mark(t)
{
	decided[TOP(t)] = false;
	at[TOP(t)] = (IS_MARKED(t) && !FAULT(LATE_TAKE) -> SLOW_TAKE : SLOW_READ)
}

inline take_mark(t)
{
	if
	:: IS_MARKED(t) ->
		REACHED(MARK_TAKEN);
		SHOWN_MARK(t) = 0;
		at[TOP(t)] = SLOW_READ
	:: else -> start_over(t)
	fi
}

inline read_mark(t)
{
	seen_mark[TOP(t)] = (IS_APPROVED(mark[2 * (t)]) -> mark[2 * (t)] : 0);
	at[TOP(t)] = SLOW_SCAN
}

/*
 * decide() and may_switch(). A look at the own stack may find what is there, or in doubt what is no
 * longer; it cannot find nothing if there is something.
 */
inline decide(t, finds)
{
	its_chain = CHAIN(VIEW_ERA(shown[TOP(t)]));
	its_target = TARGET(its_chain, VIEW_ERA(shown[TOP(t)]));
	state_of(seen[TOP(t)], seen_mark[TOP(t)], mark[2 * (t) + 1]);
	if
	:: is_patched != its_target ->
		leaving = VERSION(its_chain, is_patched);
		if
		:: VIEW_PHASE(shown[TOP(t)]) == CLOSING && !was_asked ->
			REACHED(BORN_WHILE_CLOSING);
			is_patched = its_target
		:: VIEW_PHASE(shown[TOP(t)]) == HOLDING
		:: else ->
			if
			:: (finds) || (BELOW(t, IS_BUSY, leaving) && !FAULT(NO_OWN_SCAN)) ->
				hit_era[t] = VIEW_ERA(shown[TOP(t)])
			:: else -> is_patched = its_target
			fi
		fi
	:: else
	fi;
	shown[TOP(t)] = WORD(VIEW_ERA(shown[TOP(t)]), is_patched) +
		(is_patched != its_target -> AGAIN : 0);
	seen_mark[TOP(t)] = 0;
	at[TOP(t)] = SLOW_SWAP
}

inline swap(t)
{
	if
	:: word[t] == seen[TOP(t)] && !outdated[TOP(t)] ->
		decided[TOP(t)] = true;
		n = effective[t];
		word[t] = shown[TOP(t)];
		note_switch(t);
		if
		:: n != effective[t] && stub_of[TOP(t)] == 0 -> REACHED(SWITCHED_BY_HANDLER)
		:: n != effective[t] && stub_of[TOP(t)] > 0 -> REACHED(SWITCHED_BY_ITSELF)
		:: n == effective[t] && is_patched && TARGET(chain, era) == 0 -> REACHED(KEPT_IN_REVERSE)
		:: else
		fi
	:: else -> REACHED(DECISION_FAILED)
	fi;
	if
	:: FAULT(LATE_TAKE) && decided[TOP(t)] ->
		shown[TOP(t)] = VIEW(WORD_ERA(shown[TOP(t)]), SWITCHING);
		at[TOP(t)] = SLOW_LATE
	:: else -> start_over(t)
	fi
}

inline take_mark_late(t)
{
	SHOWN_MARK(t) = (IS_MARKED(t) -> 0 : SHOWN_MARK(t));
	start_over(t)
}

/* Its memory may be used again at once, by a newborn. */
#if LIVES > 0
inline end_life(t)
{
	alive[t] = false;
	do
	:: depth[t] > 0 -> drop_level(t)
	:: else -> break
	od;
	word[t] = 0;
	mark[2 * (t)] = 0;
	mark[2 * (t) + 1] = 0;
	hit_era[t] = 0;
	effective[t] = 0;
#if TASKS == 1
	last_entered = NONE;
	n_changes = 0;
#endif
	entered[t] = NONE
}

inline be_born(t)
{
	n_lives++;
	alive[t] = true;
	life[t] = 1 - life[t];
	effective[t] = VERSION(chain, 0)
}
#endif

/* A step of a task that was asleep begins with getting a processor. */
#define RUN(t) \
	woke = woke || (todo == LOOK_AGAIN && subject == t); \
	WAS_HERE
#ifdef ALONE
#define WAS_HERE passes = 0
#else
#define WAS_HERE skip
#endif

#define AT(t, where) (depth[t] > 0 && at[TOP(t)] == (where))
#define IN_BODY(t) (depth[t] > 0 && at[TOP(t)] >= IN_0)
#define IN_HANDLER(t) \
	(depth[t] > 0 && at[TOP(t)] >= SLOW_WORD && at[TOP(t)] <= SLOW_LATE && stub_of[TOP(t)] == 0)
#define CAN_CALL(t) (alive[t] && depth[t] < DEPTH_MAX(t) && !IN_HANDLER(t))

proctype task(byte t)
{
end:	do
	:: d_step { CAN_CALL(t) -> RUN(t); call(t, 0) }
#if SITES > 1
	:: d_step { CAN_CALL(t) -> RUN(t); call(t, 1) }
#endif
#ifndef NO_SIGNALS
	:: d_step { view > 0 && CAN_CALL(t) -> RUN(t); handle(t) }
#endif
	:: d_step { AT(t, AT_SITE) -> RUN(t); jump_through_slot(t) }
	:: d_step { AT(t, IN_STUB) -> RUN(t); compare_in_stub(t, 1, IN_STUB_2) }
	:: d_step { AT(t, IN_STUB_2) -> RUN(t); compare_in_stub(t, 0, FIRST_READ) }
	:: d_step { AT(t, TO_0) -> RUN(t); stub_of[TOP(t)] = 0; enter(t, 0) }
	:: d_step { AT(t, TO_1) -> RUN(t); stub_of[TOP(t)] = 0; enter(t, 1) }
	:: d_step { AT(t, SLOW_WORD) -> RUN(t); read_word(t) }
	:: d_step { AT(t, SLOW_VIEW) -> RUN(t); read_view(t) }
	:: d_step { AT(t, SLOW_MARK) && MAY_BE_STILL_BELOW(t) -> RUN(t); leave_slow_path(t) }
	:: d_step { AT(t, SLOW_MARK) -> RUN(t); see_mark(t) }
	:: d_step { AT(t, SLOW_TAKE) -> RUN(t); take_mark(t) }
	:: d_step { AT(t, SLOW_READ) -> RUN(t); read_mark(t) }
	:: d_step { AT(t, SLOW_SCAN) -> RUN(t); decide(t, false) }
#ifndef NO_DOUBT
	:: d_step { AT(t, SLOW_SCAN) -> RUN(t); decide(t, true) }
#endif
	:: d_step { AT(t, SLOW_SWAP) -> RUN(t); swap(t) }
	:: d_step { AT(t, SLOW_LATE) -> RUN(t); take_mark_late(t) }
	:: d_step { IN_BODY(t) -> RUN(t); drop_level(t) }
#ifdef JUMPS
	/* a handler that jumps out of what it interrupted (siglongjmp) */
	:: d_step { depth[t] > 1 && IN_BODY(t) -> RUN(t); drop_level(t); drop_level(t) }
#endif
#if LIVES > 0
	:: d_step { t == TASKS - 1 && alive[t] -> RUN(t); end_life(t) }
	:: d_step { t == TASKS - 1 && !alive[t] && n_lives < LIVES -> be_born(t) }
#endif
	od
}
