#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Threads that compute all the time: asked by a signal of the agent's, or held by the client for a
# moment if they block it.
load helpers2

setup_case() {
	victim_of compute
	fix_of compute
	victim_start
}

# The signals of $pid that have a handler, without libc's own; see snapshot.
caught() {
	printf '%x\n' $((16#$(awk '/^SigCgt/ { print $2 }' "/proc/$pid/status") & ~0x180000000))
}

on_and_off() {
	for _ in {1..3}; do
		suture apply "$work/compute.lp" --pid "$pid"
		victim_says ask "2 2"
		suture disable compute --pid "$pid"
		victim_says ask "1 1"
	done
	victim_says mixed 0
}

@test "threads that compute" {
	victim_says "compute 3" 3
	victim_says ask "1 1"
	before=$(caught)
	on_and_off
	[ "$before" = 0 ]
	[ "$(caught)" != 0 ]
	suture detach --pid "$pid"
	[ "$(caught)" = 0 ]
	victim_says ask "1 1"
	text_same "$victim"
}

@test "threads that call the function all the time" {
	victim_says "askers 3" 3
	victim_says ask "1 1"
	on_and_off
	suture detach --pid "$pid"
	victim_says ask "1 1"
}

@test "threads that block all signals: the client helps" {
	victim_says "mute 2" 2
	victim_says "compute 1" 3
	on_and_off
	victim_says call 1
}

@test "nobody helps: the blocker says so, and the next one who waits does" {
	victim_says "mute 1" 1
	apply_no_wait compute
	wait_status '.transition.blockers[0].reason == "signal-blocked"'
	victim_says call 2
	# an apply that waits for its turn
	patch_of twice 'return 9;' '.name = "other", .provides = 2' |
		patch_make other --target "$victim"
	suture apply "$work/other.lp" --pid "$pid"
	victim_says ask "2 2"
	suture disable other --pid "$pid"
	suture disable compute --pid "$pid"
	victim_says ask "1 1"
}

@test "detach with threads that sleep and block all signals, after others were sent one" {
	victim_says "still 2" started
	victim_says "compute 1" 1
	suture apply "$work/compute.lp" --pid "$pid"
	suture disable compute --pid "$pid"
	[ "$(caught)" != 0 ]
	suture detach --pid "$pid"
	[ "$(caught)" = 0 ]
	victim_says ask "1 1"
}

@test "detach with threads that compute and block all signals" {
	victim_says "mute 1" 1
	suture apply "$work/compute.lp" --pid "$pid"
	suture disable compute --pid "$pid"
	suture detach --pid "$pid"
	[ "$(caught)" = 0 ]
	text_same "$victim"
	victim_says ask "1 1"
}

@test "a signal that the program uses is left alone" {
	kill -57 "$pid" 2>/dev/null || true
	wait "$pid" || status=$?
	# unhandled and unpatched it ends the program: the agent must not change that for its time
	[ "$status" -eq $((128 + 57)) ]
	victim_start
	victim_says "compute 1" 1
	suture apply "$work/compute.lp" --pid "$pid"
	suture disable compute --pid "$pid"
	suture detach --pid "$pid"
	kill -57 "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq $((128 + 57)) ]
}
