#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The agent preloaded instead of injected: no ptrace is needed.
load helpers2

setup_case() {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
	patch_of held 'return 7;' '.name = "held"' | patch_make held --target "$victim"
	victim_under env LD_PRELOAD="$(dirname "$SUTURE")/suture-preload.so"
	victim_start
	until_attached
}

# The preloaded agent's thread ends by itself, a moment after the answer.
until_alone() {
	local deadline=$((SECONDS + DEADLINE))
	while grep -qsx suture /proc/"$pid"/task/*/comm; do
		[ $SECONDS -lt $deadline ]
	done
}

@test "the agent is there without being brought in" {
	run -0 suture status --pid "$pid" --json
	reply '[.patches, .transition]' '[[],null]'
	run -0 suture attach --pid "$pid" --json
	reply '[.attached, .injected]' '[true,false]'
	grep -qx suture /proc/"$pid"/task/*/comm
	victim_says call 11
}

@test "apply, disable, transition, reverse" {
	victim_says "threads 100" started
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 12
	suture disable fix --pid "$pid"
	victim_says call 11
	victim_says hold holding
	suture apply "$work/held.lp" --pid "$pid" --no-wait
	wait_switched_but 1
	suture reverse --pid "$pid"
	victim_says release 101
	text_same "$program"
	victim_says call 11
}

@test "a process that a debugger traces: the preloaded agent is reached all the same" {
	beside tracer "$pid"
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 12
	suture disable fix --pid "$pid"
	victim_says call 11
}

@test "detach, and back" {
	suture apply "$work/fix.lp" --pid "$pid"
	suture disable fix --pid "$pid"
	suture detach --pid "$pid"
	until_alone
	text_same "$program"
	victim_says call 11
	run -1 suture status --pid "$pid"
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 12
	suture disable fix --pid "$pid"
	suture detach --pid "$pid"
	victim_says call 11
}
