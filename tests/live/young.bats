#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Threads that are created while a transition is in progress.
load helpers2

setup_case() {
	victim_of young
	fix_of young
	victim_start
}

@test "threads are born all the time: on and off" {
	victim_says "breed 4" breeding
	for _ in {1..5}; do
		suture apply "$work/young.lp" --pid "$pid"
		victim_says born "2 2"
		suture disable young --pid "$pid"
		victim_says born "1 1"
	done
	victim_says mixed 0
	suture detach --pid "$pid"
	text_same "$victim"
	victim_says born "1 1"
}

@test "born in a transition that lasts: at its target; and back at a reverse" {
	victim_says "breed 3" breeding
	victim_says hold holding
	apply_no_wait young
	wait_status '[.transition.blockers[].reason] | index("on-stack")'
	victim_says call 2
	victim_says born "2 2"
	suture reverse --pid "$pid"
	victim_says born "1 1"
	apply_no_wait young
	wait_status '[.transition.blockers[].reason] | index("on-stack")'
	victim_says call 2
	victim_says born "2 2"
	victim_says release released
	wait_status '.transition == null'
	victim_says born "2 2"
	victim_says mixed 0
}

@test "born in a transition, and outliving it" {
	victim_says hold holding
	apply_no_wait young
	wait_switched_but 1
	victim_says "breed 3" breeding
	victim_says born "2 2"
	run -0 suture force --pid "$pid" --json
	victim_says born "2 2"
	victim_says release released
	victim_says call 2
}
