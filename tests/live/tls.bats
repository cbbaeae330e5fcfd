#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Thread-local variables of the target, used by the new code: each thread sees its own.
load helpers2

# 1 + 10 threads; each has ticked once when this begins.
@test "variables of the program, private and public" {
	victim_of tls
	fix_of tls
	victim_start
	victim_says "threads 10" started
	victim_says tick "11 0 1000"
	suture apply "$work/tls.lp" --pid "$pid"
	victim_says tick "132 0 1001" # each 2 + 10
	victim_says "threads 5" started
	# 11 old threads at 22, 5 new ones at 1 + 10
	victim_says tick "297 0 1002"
	suture disable tls --pid "$pid"
	victim_says tick "297 0 2002" # as it was left: 22 and 11
	victim_says ping pong
}

@test "the same in a program at a fixed address, and one compiled for speed of access" {
	victim_of tls -fno-pie -no-pie
	fix_of tls --cflags -ftls-model=initial-exec
	victim_start
	victim_says "threads 10" started
	victim_says tick "11 0 1000"
	suture apply "$work/tls.lp" --pid "$pid"
	victim_says tick "132 0 1001"
	suture disable tls --pid "$pid"
	victim_says tick "132 0 2001"
}

# far: 100 + 10, + 100000 times a total of 1000 + 1 in each thread
library_cases() {
	victim_says tick "11 1100 1000"
	suture apply "$work/tls.lp" --pid "$pid"
	victim_says tick "132 $((11 * (111 + 100100000))) 1001"
	suture disable tls --pid "$pid"
	victim_says tick "132 $((11 * 111)) 2001"
}

@test "variables of a shared object" {
	library_of far
	victim_of tls -DLINKED -L"$work" -Wl,--no-as-needed -lfar -Wl,-rpath,"$work"
	fix_of tls --cflags -DFAR --target "$work/libfar.so"
	victim_start
	victim_says "threads 10" started
	library_cases
}

@test "variables of a shared object that was loaded after the threads began" {
	library_of far
	victim_of tls -DDLOPEN
	fix_of tls --cflags -DFAR --target "$work/libfar.so"
	victim_start
	victim_says "threads 10" started
	victim_says "open $work/libfar.so" opened
	library_cases
}

@test "storage that is not at a fixed distance, used as if it were: refused, nothing is changed" {
	library_of far
	victim_of tls -DDLOPEN
	fix_of tls --cflags "-DFAR -ftls-model=initial-exec" --target "$work/libfar.so"
	victim_start
	victim_says "open $work/libfar.so" opened
	snapshot before
	run -1 suture apply "$work/tls.lp" --pid "$pid" --json
	snapshot after
	snapshot_same
	victim_says tick "1 100 1000"
}
