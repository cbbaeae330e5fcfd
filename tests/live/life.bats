#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Threads and processes that begin or end while a patch goes in or out.
load helpers2

setup_case() {
	victim_of life
	fix_of life
	victim_start
}

@test "the function that is a thread's entry: the thread ends as it began" {
	victim_says thread "in thread"
	apply_no_wait life
	wait_switched_but 1
	victim_says call 2
	status_get
	reply '.transition.blockers[0] | [.reason, .function]' '["on-stack","run_thread"]'
	victim_says end "1 0"
	wait_status '.transition == null'
	suture disable life --pid "$pid"
	victim_says call 1
}

@test "a thread that ends in a changed function" {
	victim_says exiting exiting
	apply_no_wait life
	wait_switched_but 1
	status_get
	reply '.transition.blockers[0].function' leave_thread
	victim_says end "0 0"
	wait_status '.transition == null'
	suture disable life --pid "$pid"
	text_same "$victim"
}

@test "a child forked in a transition that is reversed afterwards: never new and then old" {
	victim_says hold holding
	apply_no_wait life
	wait_switched_but 1
	victim_says call 2
	# the thread that forks is patched, so is its child
	victim_says fork forked
	suture reverse --pid "$pid"
	victim_says call 1
	victim_says child "2 2 0"
	victim_says release released
	# and one that is born after that
	victim_says fork forked
	victim_says child "1 1 0"
}

@test "a child forked before: it stays old, and is not touched" {
	victim_says fork forked
	suture apply "$work/life.lp" --pid "$pid"
	victim_says call 2
	victim_says child "1 1 0"
}

@test "a child forked with the patch in: it stays new, also when the parent's is out" {
	suture apply "$work/life.lp" --pid "$pid"
	victim_says fork forked
	suture disable life --pid "$pid"
	suture detach --pid "$pid"
	victim_says call 1
	victim_says child "2 2 0"
}

@test "the attributes: before, during and after" {
	suture attach --pid "$pid"
	status_get
	reply '[.patches, .transition, .undo, .lingering]' '[[],null,null,[]]'
	victim_says hold holding
	apply_no_wait life
	wait_switched_but 1
	status_get
	reply '.patches[0] | [.name, .enabled, .transition, .forced, .replaceable, .provides, .pinned]' \
		'["life",true,true,false,true,0,[]]'
	reply '.transition | [.patch, .target, .tasks.total, .tasks.switched]' '["life","patched",2,1]'
	run -0 suture set life replaceable=0 --pid "$pid"
	victim_says release released
	wait_status '.transition == null'
	status_get
	reply '.patches[0] | [.enabled, .transition, .replaceable]' '[true,false,false]'
	reply '.patches[0].objects[0].functions | map(.name) | sort' \
		'["held","leave_thread","run_thread","version"]'
}
