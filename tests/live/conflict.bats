#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Several patches: scopes, replacement, conflicts.
load helpers

setup_case() {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "one", .provides = 1' |
		patch_make one --target "$victim"
	patch_of other 'return 20;' '.name = "two", .provides = 2' |
		patch_make two --target "$victim"
	patch_of answer 'return 3;' '.name = "again", .provides = 3' |
		patch_make again --target "$victim"
	patch_of other 'return 30;' '.name = "newer", .provides = 1' |
		patch_make newer --target "$victim"
}

@test "two scopes, in and out in any order" {
	victim_start
	suture apply "$work/one.lp" --pid "$pid"
	suture apply "$work/two.lp" --pid "$pid"
	victim_says call 22
	suture disable one --pid "$pid"
	victim_says call 21
	suture apply "$work/one.lp" --pid "$pid"
	victim_says call 22
	suture disable two --pid "$pid"
	victim_says call 12
}

@test "the same function in another scope: refused, naming patch and function" {
	victim_start
	suture apply "$work/one.lp" --pid "$pid"
	run -1 suture apply "$work/again.lp" --pid "$pid" --json
	reply '.reasons | length' 1
	reply '.reasons[0] | [.reason, .patch, .function]' '["conflict-function","one","answer"]'
	victim_says call 12
}

@test "a refusal is told on stderr, with the word and a hint" {
	victim_start
	suture apply "$work/one.lp" --pid "$pid"
	run -1 --separate-stderr suture apply "$work/again.lp" --pid "$pid"
	[ -z "$output" ]
	[[ "$stderr" == "suture: $pid: "*"(conflict-function)"*"hint: "* ]]
}

@test "the same scope: replaced in one transition, what it had goes back" {
	victim_start
	suture apply "$work/one.lp" --pid "$pid"
	run -0 suture apply "$work/newer.lp" --pid "$pid" --json
	reply .replaces '["one"]'
	reply .reverts '["answer"]'
	victim_says call 31
	run -0 suture list --pid "$pid" --json
	reply .patches '["newer"]'
}

@test "--replace-conflicting replaces the patch that is in the way" {
	victim_start
	suture apply "$work/one.lp" --pid "$pid"
	run -0 suture apply "$work/again.lp" --pid "$pid" --replace-conflicting --json
	reply .replaces '["one"]'
	victim_says call 13
}

@test "a patch that is not replaceable stays, until --override" {
	victim_start
	suture apply "$work/one.lp" --pid "$pid"
	suture set one replaceable=0 --pid "$pid"
	run -1 suture apply "$work/again.lp" --pid "$pid" --replace-conflicting --json
	reply '.reasons[0] | [.reason, .patch]' '["not-replaceable","one"]'
	suture apply "$work/again.lp" --pid "$pid" --replace-conflicting --override
	victim_says call 13
}
