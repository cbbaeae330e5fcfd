#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The agent is a thread of the program's: what the program does to all of its threads, and when it ends.
load helpers2

setup_case() {
	victim_of guest
	fix_of guest
}

@test "another user's identity, for all threads" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	victim_start
	suture attach --pid "$pid"
	victim_says identity "0 0"
	suture detach --pid "$pid"
	victim_says identity "0 0"
}

@test "the same, with the agent preloaded" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	victim_under env LD_PRELOAD="$(dirname "$SUTURE")/suture-preload.so"
	victim_start
	until_attached
	victim_says identity "0 0"
}

@test "all other threads end: so does the process, in libc" {
	local said
	victim_start
	suture apply "$work/guest.lp" --pid "$pid"
	victim_says leave leaving
	read -r -t "$DEADLINE" -u "$from" said
	[ "$said" = bye ]
	wait "$pid"
}

@test "a call that never returns is a function's last instruction" {
	victim_start
	objdump -d --no-show-raw-insn --disassemble=attempt "$victim" |
		awk '$1 ~ /:$/ && !/nop|xchg +%ax/ { last = $0 } END { exit last !~ /call.*report/ }'
	victim_says try reporting
	apply_no_wait guest
	wait_switched_but 1
	status_get
	reply '.transition.blockers[0] | [.reason, .function]' '["on-stack","attempt"]'
	victim_says again "1 1"
	wait_status '.transition == null'
}
