#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A signal stack inside of the thread's own stack: a task whose handler runs there does not show all
# its frames above its stack pointer.
load helpers2

setup_case() {
	victim_of inner
	fix_of inner
}

# The task in the handler does not switch, whoever looks; what it answers stays old until it has left.
stays_old() {
	suture attach --pid "$pid"
	victim_says enter entered
	apply_no_wait inner
	wait_status '.transition.blockers[0] | .reason == "on-stack" and .function == "held"'
	victim_says call 1
	victim_says call 1
	status_get
	reply .transition.tasks.switched 0
	victim_says leave 11
	wait_status '.transition == null'
	victim_says call 2
	victim_says enter 22
	suture disable fix --pid "$pid"
	victim_says call 1
}

@test "on a signal stack in main(): the interrupted function is not forgotten" {
	victim_start
	stays_old
}

@test "on the stack that was interrupted" {
	victim_start ordinary
	stays_old
}
