#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Nothing is left behind: mappings, descriptors, threads, signal handlers, text.
load helpers2

setup_case() {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "one", .provides = 1' |
		patch_make one --target "$victim"
	patch_of other 'return 20;' '.name = "two", .provides = 2' |
		patch_make two --target "$victim"
	patch_of held 'return 7;' '.name = "held", .provides = 3' |
		patch_make held --target "$victim"
	victim_start
	victim_says call 11
	victim_says "threads 5" started
}

detach_and_compare() {
	suture detach --pid "$pid"
	snapshot after
	snapshot_same
	text_same "$victim"
	victim_says call 11
}

@test "attached and detached, ten times" {
	snapshot before
	for _ in {1..10}; do
		suture attach --pid "$pid"
		suture detach --pid "$pid"
	done
	suture attach --pid "$pid"
	detach_and_compare
}

@test "patches on and off, in any order" {
	snapshot before
	for _ in {1..5}; do
		suture apply "$work/one.lp" --pid "$pid"
		suture apply "$work/two.lp" --pid "$pid"
		victim_says call 22
		suture disable one --pid "$pid"
		suture apply "$work/one.lp" --pid "$pid"
		suture disable two --pid "$pid"
		suture disable one --pid "$pid"
	done
	detach_and_compare
}

@test "transitions reversed midway, out of time, and complete" {
	victim_says hold holding
	snapshot before
	suture apply "$work/held.lp" --pid "$pid" --no-wait
	wait_switched_but 1
	suture reverse --pid "$pid"
	run -4 suture apply "$work/held.lp" --pid "$pid" --timeout 100ms --on-timeout reverse
	suture apply "$work/one.lp" --pid "$pid"
	suture disable one --pid "$pid"
	detach_and_compare
	victim_says release 101
}

@test "checks and refusals" {
	snapshot before
	suture check "$work/one.lp" --pid "$pid"
	suture apply "$work/one.lp" --pid "$pid"
	patch_of answer 'return 3;' '.name = "three", .provides = 3' |
		patch_make three --target "$victim"
	refused_with conflict-function apply "$work/three.lp" --pid "$pid"
	suture check "$work/two.lp" --pid "$pid"
	suture disable one --pid "$pid"
	detach_and_compare
}

@test "several clients at once" {
	local clients=() client
	snapshot before
	suture attach --pid "$pid"
	for _ in {1..5}; do
		suture status --pid "$pid" --json --watch >/dev/null 3>&- &
		clients+=($!)
	done
	for _ in {1..5}; do
		suture apply "$work/one.lp" --pid "$pid"
		suture disable one --pid "$pid"
	done
	for client in "${clients[@]}"; do
		kill "$client"
		wait "$client" || true
	done
	detach_and_compare
}

@test "refused while it is needed" {
	suture apply "$work/one.lp" --pid "$pid"
	refused_with patch-enabled detach --pid "$pid"
	suture disable one --pid "$pid"
	victim_says hold holding
	suture apply "$work/held.lp" --pid "$pid" --no-wait
	refused_with busy-transition detach --pid "$pid"
	victim_says release 101
	wait_status '.transition == null'
	victim_says call 11
}
