#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A process whose main thread has exited: /proc/PID/maps and the like are empty.
load helpers2

setup_case() {
	victim_of orphan
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
	victim_start
	[ "$(awk '{ print $3 }' "/proc/$pid/stat")" = Z ]
}

@test "on and off" {
	for _ in {1..5}; do
		suture apply "$work/fix.lp" --pid "$pid"
		victim_says call 2
		suture disable fix --pid "$pid"
		victim_says call 1
	done
}

@test "found by name, by object and among all; detached, nothing is left" {
	local task
	task=$(ls "/proc/$pid/task" | sed -n 2p)
	# files; not memory: an arena of malloc may stay, as the main one is not found any more
	maps() {
		awk '$6 ~ /^\// { print $1, $2, $6 }' "/proc/$pid/task/$task/maps"
		ls "/proc/$pid/task/$task/fd" "/proc/$pid/task"
	}
	maps >"$work/maps.before"
	run -0 suture apply "$work/fix.lp" --object "$victim" --json
	reply .pid "$pid"
	victim_says call 2
	run suture status --json
	[ "$(jq -rc "select(.pid == $pid).patches[0].name" <<<"$output")" = fix ]
	suture disable fix --pid "$pid"
	suture detach --pid "$pid"
	maps >"$work/maps.after"
	diff -u "$work/maps.before" "$work/maps.after"
	victim_says call 1
}
