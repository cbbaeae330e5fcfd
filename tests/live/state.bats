#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# States, callbacks and shadow variables: what a patch does besides replacing functions.
load helpers2

setup_case() {
	victim_of counter
	victim_start
}

# state NAME [-DFLAG...]: the patch of fixes/state.c under this name
state() {
	local name=$1
	shift
	suture pack "$fixes_dir/state.c" --target "$victim" -o "$work/$name.lp" \
		--cflags "$*"
}

on() {
	suture apply "$work/$1.lp" --pid "$pid" "${@:2}"
}

off() {
	suture disable "$1" --pid "$pid"
}

@test "a state: all four callbacks, each at its time" {
	state one
	on one
	victim_says value 712
	victim_says limit 1100
	off one
	victim_says value 71234
	victim_says limit 71234
}

@test "callbacks of an object" {
	state one -DOBJECT
	on one
	victim_says value 712
	off one
	victim_says value 71234
}

@test "a state that is taken over: nothing is called; dropped: by the patch that had it" {
	state one
	state two -DVERSION=2 -DLIMIT=200
	patch_of limit 'return 5;' '.name = "three"' | patch_make three --target "$victim"
	on one
	victim_says value 712
	on two
	victim_says value 712
	victim_says limit 1200
	on three
	victim_says value 71234
	victim_says limit 5
}

@test "an older version of a state does not take it over" {
	state one
	state two -DVERSION=2
	on two
	refused_with state-version apply "$work/one.lp" --pid "$pid"
	victim_says value 712
	off two
}

@test "the same state in another scope: a conflict" {
	state one
	patch_of touch 'return 5;' '.name = "other", .provides = 9, .states = (const struct klp_state[]){ { .id = 5 }, { } }' |
		patch_make other --target "$victim"
	on one
	refused_with conflict-state apply "$work/other.lp" --pid "$pid"
	off one
}

@test "a pre_patch that fails: refused, undone, nothing is left" {
	state one -DREFUSE=5
	snapshot before
	run -1 suture apply "$work/one.lp" --pid "$pid" --json
	reply '.reasons[0] | [.reason, .patch, .state, .callback, .error]' \
		'["callback-failed","one",5,"pre_patch",-5]'
	victim_says value 71
	suture status --pid "$pid" >/dev/null || true
	victim_says limit 71
	snapshot after
	snapshot_same
	text_same "$victim"
	run -1 suture apply "$work/one.lp" --pid "$pid"
	[[ "$output" == *": patch one, callback pre_patch, error -5 (callback-failed)"* ]]
}

@test "reversed: post_unpatch instead of post_patch; klp_get_prev_state() midway" {
	state one
	victim_says wait waiting
	on one --no-wait
	wait_switched_but 1
	victim_says value 71
	victim_says limit 100
	suture reverse --pid "$pid"
	victim_says value 714
	victim_says go gone
	state two -DVERSION=3 -DLIMIT=200
	on one
	victim_says value 71412
	victim_says limit 1100
	off one
}

@test "a replace reversed midway: the old patch's state comes to post_patch again" {
	state one
	patch_of limit 'return 5;' '.name = "three"' | patch_make three --target "$victim"
	victim_says wait waiting
	on one --no-wait
	victim_says go gone
	wait_status '.transition == null'
	victim_says value 712
	# nobody is in the way: reversed before anything asks is a race, so the order of calls is in the
	# unit tests; here: both ends are right
	on three
	victim_says value 71234
	run -0 suture undo --pid "$pid" --json
	reply '[.name, .returns[0]]' '["three","one"]'
	victim_says value 7123412
	victim_says limit 1100
	off one
}

@test "a state that cannot be undone" {
	state one -DBLOCK
	patch_of limit 'return 5;' '.name = "three"' | patch_make three --target "$victim"
	on one
	refused_with block-disable disable one --pid "$pid"
	refused_with block-disable apply "$work/three.lp" --pid "$pid"
	state two -DVERSION=2 -DLIMIT=200
	on two
	victim_says limit 1200
	victim_says value 712
}

@test "a callback that does not end is named" {
	state one -DSLOW
	suture attach --pid "$pid"
	on one --no-wait 2>/dev/null &
	until run suture status --pid "$pid" && [[ "$output" == *"one: pre_patch of state 5"* ]]; do
		kill -0 "$pid"
	done
	[ "$status" -ne 0 ]
	[[ "$output" == *"(in-callback)"* ]]
	kill $! 2>/dev/null || true # it may have been told the same, and ended
}

@test "shadow variables: each request has its own; they go with the state" {
	fix_of shadow
	victim_says new 0
	victim_says new 1
	victim_says touch\ 1 1
	on shadow
	victim_says "touch 0" 1
	victim_says "touch 0" 2
	victim_says "touch 1" 1
	victim_says "drop 0" dropped
	victim_says "touch 1" 2
	victim_says value 7
	off shadow
	# the destructor has added what was left
	victim_says value 9
	victim_says "touch 1" 1
	on shadow
	victim_says "touch 1" 1
	off shadow
	suture detach --pid "$pid"
}
