#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Changed functions in signal handlers, in children by fork and vfork, and in recursion.
load helpers2

setup_case() {
	victim_of context
	fix_of context
}

@test "in a signal handler" {
	victim_start
	suture apply "$work/context.lp" --pid "$pid"
	victim_says "signal main own" 2
	victim_says "signal main alternate" 2
	suture disable context --pid "$pid"
	victim_says "signal main own" 1
	victim_says "signal main alternate" 1
}

# The handler is part of the task that it interrupts: it runs the version of that task.
@test "in a handler of a task that cannot switch, and of one that has" {
	victim_start
	victim_says hold holding
	apply_no_wait context
	wait_switched_but 1
	victim_says "signal held own" 1
	victim_says "signal held alternate" 1
	victim_says "signal main own" 2
	victim_says "signal main alternate" 2
	victim_says release 1
	wait_status '.transition == null'
	victim_says "signal main alternate" 2
}

@test "handlers interrupt calls, stubs and slow paths at any point" {
	victim_start
	victim_says storm storming
	for _ in {1..15}; do
		suture apply "$work/context.lp" --pid "$pid"
		victim_says call 2
		suture disable context --pid "$pid"
		victim_says call 1
	done
	victim_says calm 0
	suture detach --pid "$pid"
	text_same "$victim"
}

@test "in a vfork child" {
	victim_start
	victim_says vfork 1
	suture apply "$work/context.lp" --pid "$pid"
	victim_says vfork 2
	suture disable context --pid "$pid"
	victim_says vfork 1
}

@test "in a vfork child during a transition: as its parent" {
	victim_start
	victim_says hold holding
	apply_no_wait context
	wait_switched_but 1
	victim_says vfork 2
	victim_says call 2
	suture reverse --pid "$pid"
	victim_says vfork 1
	victim_says release 1
}

@test "a task that waits for its vfork child is busy until the child is gone" {
	victim_start
	victim_says vhold holding
	apply_no_wait context
	wait_switched_but 1
	status_get
	reply '.transition.blockers[0].reason' shared-memory-child
	victim_says call 2
	victim_says vrelease released
	wait_status '.transition == null'
	victim_says vfork 2
}

@test "in a child by fork: it keeps the version of its parent" {
	victim_start
	suture apply "$work/context.lp" --pid "$pid"
	victim_says fork 2
	suture disable context --pid "$pid"
	victim_says fork 1
	victim_says hold holding
	apply_no_wait context
	wait_switched_but 1
	victim_says fork 2
	suture reverse --pid "$pid"
	victim_says fork 1
	victim_says release 1
}

@test "a recursive function: who is in it stays in the old one on every level" {
	victim_start
	victim_says "deep 300" holding
	apply_no_wait context
	wait_switched_but 1
	status_get
	reply '.transition.blockers[0].reason' on-stack
	victim_says "signal held own" 1
	victim_says release 301
	wait_status '.transition == null'
	# the new recurse() calls itself by the name that is redirected
	victim_says "levels 300" 30100
}

@test "a deep stack of another function: each of its calls has one version" {
	victim_start
	victim_says hold holding
	apply_no_wait context
	wait_switched_but 1
	victim_says "climb 20000" 40000
	victim_says release 1
	wait_status '.transition == null'
	victim_says "climb 20000" 40000
}
