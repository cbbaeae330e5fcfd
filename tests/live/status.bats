#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What status, list, check, info and log tell.
load helpers

setup_case() {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "fix", .description = "CVE-2020-0001: answers"' |
		patch_make fix --target "$victim"
	patch_of held 'return 7;' '.name = "held"' | patch_make held --target "$victim"
}

@test "status shows the patch with its object and functions" {
	victim_start
	suture apply "$work/fix.lp" --pid "$pid"
	run -0 suture status --pid "$pid" --json
	reply '[.pid, .comm]' "[$pid,\"victim\"]"
	reply '.patches[0] | [.name, .provides, .enabled, .transition, .forced, .replaceable]' \
		'["fix",0,true,false,false,true]'
	reply '.patches[0].objects[0] | [.name, .patched, .functions[0].name]' \
		'[null,true,"answer"]'
	reply '.patches[0].objects[0].build_id' \
		"$(readelf -n "$victim" | sed -n 's/.*Build ID: //p')"
	reply .transition null
}

@test "status of a transition names the task and the function that block it" {
	victim_start
	victim_ask hold
	suture apply "$work/held.lp" --pid "$pid" --no-wait
	wait_status '.transition.blockers | length > 0'
	run -0 suture status --pid "$pid" --json
	reply '.transition | [.patch, .target]' '["held","patched"]'
	reply '.transition.blockers[0] | [.reason, .function]' '["on-stack","held"]'
	victim_says release 101
	wait_status '.transition == null'
	run -0 suture list --pid "$pid" --json
	reply .patches '["held"]'
}

@test "list and status of all processes find it" {
	victim_start
	suture apply "$work/fix.lp" --pid "$pid"
	# others may have processes with agents too: only ours is looked at
	run --separate-stderr suture list --json
	[ "$(jq -rc "select(.pid == $pid).patches" <<<"$output")" = '["fix"]' ]
	run --separate-stderr suture status fix --json
	[ "$(jq -rc "select(.pid == $pid).comm" <<<"$output")" = victim ]
}

@test "status of a patch that is not there: refused" {
	victim_start
	suture attach --pid "$pid"
	run -1 suture status nothing --pid "$pid"
	[[ "$output" == *"(no-such-patch)"* ]]
}

@test "check changes nothing and leaves nothing" {
	victim_start
	victim_says call 11
	snapshot before
	run -0 suture check "$work/fix.lp" --pid "$pid" --json
	reply .fits true
	reply '[.reasons, .conflicts, .replaces, .blockers]' '[[],[],[],[]]'
	snapshot after
	snapshot_same
	victim_says call 11
}

@test "check names the tasks that would block" {
	victim_start
	victim_ask hold
	run -0 suture check "$work/held.lp" --pid "$pid" --json
	reply .fits true
	reply '.blockers[0] | [.reason, .function]' '["on-stack","held"]'
}

@test "the log tells of apply and disable" {
	victim_start
	suture apply "$work/fix.lp" --pid "$pid"
	suture disable fix --pid "$pid"
	run -0 suture log --pid "$pid" --json
	reply '[.events[].event] | map(select(. == "enabled" or . == "disabled"))' \
		'["enabled","disabled"]'
}

@test "info names the patch, its functions and its CVEs" {
	run -0 suture info "$work/fix.lp"
	[[ "$output" == *fix* && "$output" == *answer* && "$output" == *CVE-2020-0001* ]]
}
