/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * task.pml - what a task does: calls, signals, sleep, stub and slow path. Included by pending.pml.
 */
/* A word became decided. */
inline decide(t, s)
{
	assert(forced || !TASK_LEADS_TO(t, 1 - VERSION(epoch, s))); /* I3 */
	if
	:: effective[t] != VERSION(epoch, s) ->
		entered[t] = NONE;
		if
		:: TASKS == 1 && effective[t] != NONE ->
			n_changes++;
			assert(forced || n_changes <= n_reverses + 1) /* I2 */
		:: else
		fi;
		effective[t] = VERSION(epoch, s)
	:: else
	fi
}

inline enter(t, v)
{
	assert(forced || !BELOW_VERSION(t, 1 - (v))); /* I1 */
	assert(forced || entered[t] == NONE || entered[t] == (v)); /* I1 */
	assert(forced || goal == NONE || goal == (v)); /* I4 */
	entered[t] = v;
	at[TOP(t)] = IN_0 + (v)
}

inline leave_slow_path(t)
{
	seen[TOP(t)] = 0;
	wanted[TOP(t)] = 0;
	stub_of[TOP(t)] = 0;
	at[TOP(t)] = AT_SITE
}

/* A call of its own, or a signal handler that calls, anywhere: also inside the stub. */
inline call(t)
{
	depth[t]++;
	at[TOP(t)] = AT_SITE
}

inline jump_through_slot(t)
{
	if
	:: slot == 0 -> enter(t, settled)
	:: else ->
		stub_of[TOP(t)] = slot;
		at[TOP(t)] = IN_STUB
	fi
}

inline read_word(t)
{
	if
	:: word[t] / 4 == stub_of[TOP(t)] && STATE(word[t]) <= PATCHED ->
		if
		:: stub_of[TOP(t)] != epoch -> REACHED(STALE_STUB_USED)
		:: else
		fi;
		at[TOP(t)] = TO_0 + VERSION(stub_of[TOP(t)], STATE(word[t]));
		/* I4, by force too */
		assert(goal == NONE || stub_of[TOP(t)] != epoch || at[TOP(t)] == TO_0 + goal)
	:: else -> at[TOP(t)] = SLOW
	fi
}

/* Epoch and target are one variable: they are read together. */
inline scan(t)
{
	if
	:: IS_DECIDED(seen[TOP(t)]) -> leave_slow_path(t)
	:: else ->
		if
		:: target != KEEP(seen[TOP(t)]) &&
		   !OWN_STACK_BUSY(t, 1 - VERSION(epoch, target)) ->
			wanted[TOP(t)] = WORD(target)
		:: else ->
			if
			:: target == UNPATCHED && KEEP(seen[TOP(t)]) == PATCHED ->
				REACHED(KEPT_IN_REVERSE)
			:: else
			fi;
			wanted[TOP(t)] = WORD(KEEP(seen[TOP(t)]))
		fi;
		at[TOP(t)] = SLOW_SWAP
	fi
}

inline swap(t)
{
	if
	:: word[t] == seen[TOP(t)] ->
		word[t] = wanted[TOP(t)];
		if
		:: IS_DECIDED(word[t]) ->
			if
			:: IS_PENDING(seen[TOP(t)]) -> REACHED(MARK_REMOVED)
			:: else
			fi;
			if
			:: KEEP(seen[TOP(t)]) != STATE(word[t]) -> REACHED(SWITCHED_BY_ITSELF)
			:: else
			fi;
			decide(t, STATE(word[t]))
		:: else /* of an epoch that is over: as good as not asked */
		fi;
		leave_slow_path(t)
	:: else ->
		seen[TOP(t)] = 0;
		wanted[TOP(t)] = 0;
		at[TOP(t)] = SLOW
	fi
}

/* The handler of the checker's signal: looks at the task that it runs on. */
inline look_at_itself(t)
{
	nudged[t] = false;
	if
	:: IS_PENDING(word[t]) && !PC_BUSY(t, 1 - VERSION(epoch, target)) &&
	   !STACK_BUSY(t, 1 - VERSION(epoch, target)) ->
		REACHED(SWITCHED_BY_NUDGE);
		word[t] = WORD(target);
		decide(t, target)
	:: else
	fi
}

#define RUNS(t) (alive[t] && !asleep[t])
#define AT(t, where) (RUNS(t) && depth[t] > 0 && at[TOP(t)] == (where))
#define IN_BODY(t) (depth[t] > 0 && at[TOP(t)] >= IN_0)

proctype task(byte t)
{
end:	do
	:: atomic { !alive[t] && phase == MOVING -> alive[t] = true }
	:: atomic { RUNS(t) && (depth[t] == 0 || IN_BODY(t)) -> asleep[t] = true }
	:: atomic { alive[t] && asleep[t] -> asleep[t] = false; woke = woke || watched == t + 1 }
	:: atomic { RUNS(t) && depth[t] < DEPTH_MAX(t) -> call(t) }
	:: atomic { AT(t, AT_SITE) -> jump_through_slot(t) }
	:: atomic { AT(t, IN_STUB) -> read_word(t) }
	:: atomic { AT(t, TO_0) -> stub_of[TOP(t)] = 0; enter(t, 0) }
	:: atomic { AT(t, TO_1) -> stub_of[TOP(t)] = 0; enter(t, 1) }
	:: atomic { AT(t, SLOW) -> seen[TOP(t)] = word[t]; at[TOP(t)] = SLOW_SEEN }
	:: atomic { AT(t, SLOW_SEEN) -> scan(t) }
	:: atomic { AT(t, SLOW_SWAP) -> swap(t) }
	:: atomic { RUNS(t) && IN_BODY(t) -> at[TOP(t)] = OUT; depth[t]-- }
	:: atomic { RUNS(t) && nudged[t] -> look_at_itself(t) }
	od
}
