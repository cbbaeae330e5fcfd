#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What does not fit is refused, and the process stays as it was.
load helpers

setup_case() {
	victim_build victim.c
	patch_of other 'return 20;' '.name = "fix"' | patch_make fix --target "$victim"
}

@test "another build of the program: build-id-mismatch" {
	victim_build victim.c -DANOTHER_BUILD -O1
	victim_start
	snapshot before
	run -1 suture apply "$work/fix.lp" --pid "$pid" --json
	reply '.reasons[0].reason' build-id-mismatch
	snapshot after
	snapshot_same
	victim_says call 11
}

@test "code that was changed since: bytes-differ" {
	victim_start
	victim_ask smash
	snapshot before
	run -1 suture apply "$work/fix.lp" --pid "$pid" --json
	reply '.reasons[0] | [.reason, .function]' '["bytes-differ","other"]'
	snapshot after
	snapshot_same
}

@test "a file that is no patch: bad-file, and nothing of it reaches the process" {
	victim_start
	snapshot before
	run -1 suture apply "$victim" --pid "$pid"
	[[ "$output" == *"(bad-file)"* ]]
	head -c 300 "$work/fix.lp" >"$work/short.lp"
	run -1 suture apply "$work/short.lp" --pid "$pid"
	[[ "$output" == *"(bad-file)"* ]]
	# and no hint: `suture info` could tell no more
	for command in "apply $work/missing.lp --pid $pid" "info $work/missing.lp" "info $work/short.lp"; do
		# shellcheck disable=SC2086 # a list of words
		run -1 suture $command
		[[ "$output" == *"(bad-file)" ]]
	done
	snapshot after
	snapshot_same
}

@test "disable of a patch that is not there, reverse of nothing" {
	victim_start
	suture attach --pid "$pid"
	run -1 suture disable fix --pid "$pid" --json
	reply '.reasons[0].reason' no-such-patch
	run -1 suture reverse --pid "$pid" --json
	reply '.reasons[0].reason' no-transition
	run -1 suture force --pid "$pid" --json
	reply '.reasons[0].reason' no-transition
}

@test "detach while a patch is enabled" {
	victim_start
	suture apply "$work/fix.lp" --pid "$pid"
	run -1 suture detach --pid "$pid"
	[[ "$output" == *"(patch-enabled)"* ]]
	victim_says call 21
}

@test "no agent, no process" {
	victim_start
	run -1 suture disable fix --pid "$pid" --json
	reply '.error.reason' not-attached
	run -1 suture apply "$work/fix.lp" --pid 4194303 --json
	reply '.error.reason' no-such-process
	run -1 suture apply "$work/fix.lp" --name no-such-name-at-all
	[[ "$output" == *"(no-such-process)"* ]]
}

@test "several processes: the worst exit status, the others are done" {
	victim_start
	run -1 suture apply "$work/fix.lp" --pid 4194303 --pid "$pid" --json
	[ "${#lines[@]}" -eq 2 ]
	victim_says call 21
}
