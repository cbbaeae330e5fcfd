#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What stands at a function's entry: what cannot take a jump is refused when the patch is packed, and
# named; what can is as before when the patch is gone.
load helpers2

setup_case() {
	victim_of entry
}

# FUNCTION VALUE: its value for 5 without the patch
patches() {
	fix_of entry --cflags "-DFUNCTION=$1"
	victim_says "call $1" "$2"
	suture apply "$work/entry.lp" --pid "$pid"
	victim_says "call $1" 1005
	suture disable entry --pid "$pid"
	victim_says "call $1" "$2"
}

# FUNCTION REASON: the message names the function
refuses() {
	fix_refused "$2" entry --cflags "-DFUNCTION=$1"
	[[ "$(jq -r '.reasons[0].message' <<<"$output")" == *"$1"* ]]
	[ ! -e "$work/entry.lp" ]
}

@test "a loop that jumps back into the first bytes: refused, naming the branch" {
	refuses loop_second unmovable-instruction
	branch=$(objdump -d --no-show-raw-insn "$victim" |
		sed -n '/<loop_second>:/,/^$/s/^ *\([0-9a-f]*\):\s*jg .*/\1/p')
	[[ "$output" == *"0x$branch"* ]]
	victim_start
	victim_says "call loop_second" -1
}

@test "a loop that jumps back to the entry itself: refused" {
	refuses loop_first unmovable-instruction
}

@test "another function that jumps into the first bytes: refused" {
	refuses entered unmovable-instruction
}

@test "no room for a jump: refused" {
	refuses nothing function-too-short
}

@test "a loop that begins behind the jump" {
	victim_start
	patches loop_third 15
	patches loop_sixth 15
	text_same "$victim"
}

@test "two bytes and padding, pushes, a tail jump, code relative to its address" {
	victim_start
	patches tiny 5
	patches pushes 6
	patches enters 12
	patches relative 50
	text_same "$victim"
	suture detach --pid "$pid"
	victim_says "call relative" 50
}
