#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Arguments and results in every register and on the stack, by each way a call can take: original,
# slow path, stub of a transition, settled.
load helpers2

setup_case() {
	victim_of arguments
	fix_of arguments
}

# The answers of the main thread; with "inside " in front: of the thread in held().
old() {
	victim_says "${1:-}wide" 286.9926757812
	victim_says "${1:-}sum" "28.00 2.50 15.00"
	victim_says "${1:-}results" "10 17 3 0.5 5 6 0.25"
}

new() {
	victim_says wide 573.9853515625
	victim_says sum "56.00 5.00 30.00"
	victim_says results "20 34 6 1.0 10 12 0.50"
}

@test "settled, and back" {
	victim_start
	old
	suture apply "$work/arguments.lp" --pid "$pid"
	new
	new
	suture disable arguments --pid "$pid"
	old
	text_same "$victim"
}

@test "in a transition: the first calls by the slow path, the others by the stub" {
	victim_start
	victim_says hold holding
	apply_no_wait arguments
	wait_switched_but 1
	new
	new
	# a task that may not switch: the slow path and the stub lead to the original
	old "inside "
	old "inside "
	suture reverse --pid "$pid"
	old
	old "inside "
	victim_says release released
	old
}

# A variadic function of this victim gets no wrapper; see docs/design/pack.md.
@test "the same, compiled without optimisation" {
	victim_of arguments -O0
	fix_refused bad-patch arguments
	fix_of arguments --cflags -DNO_SUM
	victim_start
	suture apply "$work/arguments.lp" --pid "$pid"
	victim_says wide 573.9853515625
	victim_says sum "28.00 2.50 15.00"
	victim_says results "20 34 6 1.0 10 12 0.50"
	suture disable arguments --pid "$pid"
	old
}
