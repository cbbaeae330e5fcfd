#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Transitions turned around, forced and out of time while other threads use what changes. Two
# functions change together, and no request may get one of each version.
load helpers2

setup_case() {
	victim_of pairs
	fix_of pairs --cflags -DHOLDS
}

# Four threads work, and one sits in the old front().
start_held() {
	victim_start
	victim_says "work 4" working
	victim_says "enter front" entered
}

@test "a held function: who began a request ends it with the same version" {
	victim_start
	victim_says "work 4" working
	victim_says "enter between" entered
	apply_no_wait pairs
	wait_switched_but 1
	status_get
	reply '.transition.blockers[0].reason' on-stack
	victim_says versions "22 22"
	victim_says leave 11
	wait_status '.transition == null'
	suture disable pairs --pid "$pid"
	victim_says versions "11 11"
	victim_says mixed 0
}

@test "the same without holding it: that request is a mixture, so the case above can fail" {
	fix_of pairs
	victim_start
	victim_says "enter between" entered
	suture apply "$work/pairs.lp" --pid "$pid"
	victim_says leave 12
	victim_says call 22
}

@test "reverse midway: the threads that had switched go back" {
	start_held
	apply_no_wait pairs
	wait_switched_but 1
	victim_says versions "22 22"
	run -0 suture reverse --pid "$pid" --json
	reply .result reversed
	victim_says versions "11 11"
	victim_says leave 11
	victim_says mixed 0
	text_same "$victim"
	suture detach --pid "$pid"
	victim_says versions "11 11"
}

@test "a disable reversed midway: the threads that had gone back switch again" {
	victim_start
	victim_says "work 4" working
	suture apply "$work/pairs.lp" --pid "$pid"
	# the new front() has no place to stop: the request is what is held
	victim_says "enter between" entered
	suture disable pairs --pid "$pid" --no-wait
	wait_switched_but 1
	victim_says versions "11 11"
	run -0 suture reverse --pid "$pid" --json
	reply .result reversed
	victim_says versions "22 22"
	victim_says leave 22
	victim_says mixed 0
}

@test "eight times there and back midway" {
	start_held
	for _ in {1..8}; do
		apply_no_wait pairs
		wait_switched_but 1
		victim_says call 22
		suture reverse --pid "$pid"
		victim_says call 11
	done
	victim_says leave 11
	victim_says mixed 0
	suture detach --pid "$pid"
	text_same "$victim"
	victim_says versions "11 11"
}

@test "force: complete at once; the patch stays, and the agent with it" {
	start_held
	apply_no_wait pairs
	wait_switched_but 1
	run -0 suture force --pid "$pid" --json
	reply .result forced
	status_get
	reply '[.patches[0].forced, .transition]' '[true,null]'
	victim_says versions "22 22"
	# what force breaks, and why it is marked: the one in front() gets one of each
	victim_says leave 12
	refused_with forced disable pairs --pid "$pid"
	refused_with patch-enabled detach --pid "$pid"
	victim_says call 22
}

@test "timeout of an apply: leave, reverse, force" {
	start_held
	run -4 suture apply "$work/pairs.lp" --pid "$pid" --timeout 200ms --json
	reply '[.result, (.transition.blockers[] | select(.reason == "on-stack").function)]' '["incomplete","front"]'
	wait_switched_but 1
	victim_says versions "22 22"
	suture reverse --pid "$pid"
	run -4 suture apply "$work/pairs.lp" --pid "$pid" --timeout 200ms --on-timeout reverse --json
	reply .result reversed
	victim_says versions "11 11"
	victim_says mixed 0
	run -0 suture apply "$work/pairs.lp" --pid "$pid" --timeout 200ms --on-timeout force --json
	reply .result forced
	victim_says versions "22 22"
	victim_says leave 12
	victim_says call 22
}

@test "timeout of a disable: leave, reverse, force" {
	victim_start
	victim_says "work 4" working
	suture apply "$work/pairs.lp" --pid "$pid"
	victim_says "enter between" entered
	run -4 suture disable pairs --pid "$pid" --timeout 200ms --json
	reply .result incomplete
	wait_switched_but 1
	victim_says versions "11 11"
	suture reverse --pid "$pid"
	run -4 suture disable pairs --pid "$pid" --timeout 200ms --on-timeout reverse --json
	reply .result reversed
	victim_says versions "22 22"
	victim_says mixed 0
	run -0 suture disable pairs --pid "$pid" --timeout 200ms --on-timeout force --json
	reply .result forced
	victim_says versions "11 11"
	victim_says leave 21
	# a force of long ago is not taken for one of now
	run -0 suture apply "$work/pairs.lp" --pid "$pid" --json
	reply .result enabled
	run -0 suture disable pairs --pid "$pid" --json
	reply .result disabled
	# its code may be in use for ever
	refused_with pinned detach --pid "$pid"
	victim_says call 11
}
