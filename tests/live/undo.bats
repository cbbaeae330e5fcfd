#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What was replaced comes back, in one transition.
load helpers2

setup_case() {
	victim_build victim.c
	for n in 1 2 3; do
		patch_of answer "return $n;" ".name = \"p$n\"" | patch_make "p$n" --target "$victim"
	done
	patch_of other 'return 50;' '.name = "side", .provides = 7' |
		patch_make side --target "$victim"
	victim_start
}

apply() {
	suture apply "$work/$1.lp" --pid "$pid" "${@:2}"
}

@test "a chain: back, and back again" {
	apply p1
	apply p2
	apply p3
	victim_says call 13
	run -0 suture list --pid "$pid"
	[[ "$output" == *"p3; undo: p2 for p3" ]]
	run -0 suture undo --pid "$pid" --json
	reply '[.name, .returns, .result]' '["p3",["p2"],"disabled"]'
	victim_says call 12
	run -0 suture list --pid "$pid" --json
	reply .undo '{"name":"p2","returns":["p1"]}'
	run -0 suture undo --pid "$pid"
	[[ "$output" == *"p2 disabled"*"; brings back p1" ]]
	victim_says call 11
	refused_with nothing-to-undo undo --pid "$pid"
	suture disable p1 --pid "$pid"
	suture detach --pid "$pid"
	text_same "$victim"
}

@test "nothing was replaced" {
	apply p1
	refused_with nothing-to-undo undo --pid "$pid"
	run -0 suture list --pid "$pid" --json
	reply .undo null
}

@test "an apply that replaced nothing is passed over" {
	apply p1
	apply p2
	apply side
	victim_says call 52
	suture undo --pid "$pid"
	victim_says call 51
	run -0 suture list --pid "$pid" --json
	reply '.patches | sort' '["p1","side"]'
}

@test "several come back together" {
	patch_of other 'return 60;' '.name = "all", .replace = true' |
		patch_make all --target "$victim"
	apply p2
	apply side
	apply all
	victim_says call 61
	suture undo --pid "$pid"
	victim_says call 52
	run -0 suture list --pid "$pid" --json
	reply '.patches | sort' '["p2","side"]'
}

@test "--no-undo: its code goes" {
	apply p1
	apply p2 --no-undo
	refused_with nothing-to-undo undo --pid "$pid"
	victim_says call 12
}

@test "what was replaced is forgotten with the patch that replaced it" {
	apply p1
	apply p2
	suture disable p2 --pid "$pid"
	victim_says call 11
	refused_with nothing-to-undo undo --pid "$pid"
	suture detach --pid "$pid"
	text_same "$victim"
}

@test "refused: in conflict with what was applied since" {
	patch_of other 'return 60;' '.name = "wide", .provides = 7' |
		patch_make wide --target "$victim"
	patch_of answer 'return 9;' '.name = "late", .provides = 8' |
		patch_make late --target "$victim"
	patch_of other 'return 70;' '.name = "p4"' | patch_make p4 --target "$victim"
	apply p1
	apply p4
	apply late
	refused_with conflict-function undo --pid "$pid"
	victim_says call 79
	suture disable late --pid "$pid"
	suture undo --pid "$pid"
	victim_says call 11
}

@test "reversed midway: all stays as it was, and can be undone after that" {
	patch_of held 'return 7;' '.name = "h1"' | patch_make h1 --target "$victim"
	patch_of answer 'return 2;' '.name = "h2"' | patch_make h2 --target "$victim"
	apply h1
	apply h2
	victim_says call 12
	victim_says hold holding
	# the held thread is in the original, to which h1 would not lead any more
	suture undo --pid "$pid" --no-wait
	wait_switched_but 1
	victim_says call 11
	suture reverse --pid "$pid"
	victim_says call 12
	victim_says release 102
	suture undo --pid "$pid"
	victim_says call 11
	run -0 suture list --pid "$pid" --json
	reply .patches '["h1"]'
}
