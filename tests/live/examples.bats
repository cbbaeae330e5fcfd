#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The worked examples of docs/examples: each right under load, on, off and turned around; and each
# naive patch beside it wrong, so that the program would notice.
load helpers2
examples=../../docs/examples

# example NAME: builds its program and both patches, and starts it
example() {
	local folder=$BATS_TEST_DIRNAME/$examples/$1 fix
	victim_build "$examples/$1/program.c"
	for fix in fix naive; do
		suture pack "$folder/$fix.c" --target "$victim" -o "$work/$fix.lp"
	done
	victim_start
}

on() {
	suture apply "$work/$1.lp" --pid "$pid"
}

off() {
	suture disable "$1" --pid "$pid"
}

# A slow client's request begins, then fix NAME comes: everybody but this one runs it.
midway() {
	victim_says slow slow
	apply_no_wait "$1"
	wait_switched_but 1
}

settled() {
	wait_status '.transition == null'
}

# On and off under load, with a request of the load seen in between; nothing went wrong, nothing is left.
load_survives() {
	victim_says "load 4" loaded
	for _ in {1..4}; do
		on fix
		victim_says "more 300" more
		off fix
		victim_says "more 300" more
	done
	victim_says stop stopped
	victim_says violations 0
	suture detach --pid "$pid"
	text_same "$victim"
}

# The same, with a slow request in the way of each change, which is turned around.
load_survives_reverse() {
	victim_says "load 4" loaded
	for _ in {1..3}; do
		midway fix
		victim_says "more 100" more
		suture reverse --pid "$pid"
		victim_says "$@"
		on fix
		victim_says "more 100" more
		victim_says slow slow
		suture disable fix --pid "$pid" --no-wait
		wait_switched_but 1
		victim_says "more 100" more
		suture reverse --pid "$pid"
		victim_says "more 100" more
		victim_says "$@"
		off fix
	done
	victim_says stop stopped
	victim_says violations 0
}

# --- transform on access ---

@test "transform on access: the effect, and what is there already" {
	example transform-on-access
	victim_says "add 0 40000" 40000
	on fix
	victim_says "used 0" 40000
	victim_says "add 0 40000" 80000
	victim_says "add 0 -30000" 50000
	off fix
	victim_says "used 0" 50000
	victim_says "add 0 5" 50005
	on fix
	victim_says "add 0 40000" 90005
	off fix
	# more than the old code can know: it is full
	victim_says "used 0" 65535
	victim_says violations 0
	suture detach --pid "$pid"
}

@test "transform on access: under load" {
	example transform-on-access
	load_survives
}

@test "transform on access: under load, turned around" {
	example transform-on-access
	load_survives_reverse "go used 0" 0
}

@test "transform on access: not while an old task is about" {
	example transform-on-access
	midway fix
	victim_says "add 0 10" 10
	victim_says "go add 0 5" 15
	settled
	victim_says "add 0 70000" 70015
	victim_says "add 0 -70000" 15
	# and on the way back
	victim_says slow slow
	suture disable fix --pid "$pid" --no-wait
	wait_switched_but 1
	victim_says "add 0 10" 25
	victim_says "go add 0 5" 30
	settled
	victim_says "used 0" 30
	victim_says violations 0
}

@test "transform on access, naive: an old task loses what new ones have added" {
	example transform-on-access
	midway naive
	victim_says "add 0 10" 10
	victim_says "go add 0 5" 5
	victim_says violations 1
}

@test "transform on access, naive: disabled, it loses everything" {
	example transform-on-access
	on naive
	victim_says "add 0 10" 10
	off naive
	victim_says "add 0 5" 5
	victim_says violations 1
}

# --- transform on create ---

# sent HANDLE ANSWER [damaged]: one upload, opened now
sent() {
	victim_says open "$1"
	victim_says "piece $1 abc" 3
	[ $# -lt 3 ] || victim_says "damage $1" damaged
	victim_says "piece $1 def" 6
	victim_says "close $1" "$2"
}

@test "transform on create: the effect, on uploads opened afterwards" {
	example transform-on-create
	sent 0 stored damaged
	victim_says open 1
	victim_says open 2
	victim_says "piece 1 abc" 3
	victim_says "piece 2 abc" 3
	on fix
	victim_says "piece 1 def" 6
	victim_says "close 1" stored
	victim_says "damage 2" damaged
	victim_says "piece 2 def" 6
	victim_says "close 2" stored
	sent 3 stored
	sent 4 refused damaged
	off fix
	sent 5 stored damaged
	victim_says violations 0
	suture detach --pid "$pid"
}

@test "transform on create: under load" {
	example transform-on-create
	load_survives
}

@test "transform on create: under load, turned around" {
	example transform-on-create
	load_survives_reverse "go nothing" unknown
}

@test "transform on create: what an old task does to uploads is noticed" {
	example transform-on-create
	midway fix
	victim_says open 0
	victim_says "piece 0 abc" 3
	victim_says "go piece 0 def" 6
	settled
	victim_says "piece 0 ghi" 9
	victim_says "close 0" stored

	# the way back, turned around: one upload gets a piece from old code, one is closed by it
	victim_says open 1
	victim_says open 2
	victim_says "piece 1 abc" 3
	victim_says "piece 2 abc" 3
	victim_says slow slow
	suture disable fix --pid "$pid" --no-wait
	wait_switched_but 1
	victim_says "piece 1 def" 6
	victim_says "close 2" stored
	sent 3 stored
	suture reverse --pid "$pid"
	victim_says "piece 1 ghi" 9
	victim_says "close 1" stored
	victim_says "go open" 4
	victim_says "piece 4 abc" 3
	victim_says "close 4" stored
	sent 5 refused damaged
	victim_says violations 0
}

@test "transform on create, naive: an upload that was open already is refused" {
	example transform-on-create
	victim_says open 0
	victim_says "piece 0 abc" 3
	on naive
	victim_says "piece 0 def" 6
	victim_says "close 0" refused
	victim_says violations 1
}

@test "transform on create, naive: old code closes one, the next one inherits its sum" {
	example transform-on-create
	victim_says open 0
	midway naive
	victim_says "piece 0 abc" 3
	victim_says "go close 0" stored
	settled
	sent 1 refused
	victim_says violations 1
}

# --- changed locking ---

@test "changed locking: the effect" {
	example changed-locking
	on fix
	victim_says report reporting
	victim_says "move 10" moving
	victim_says moved moved
	victim_says read 8000
	off fix
	victim_says report reporting
	victim_says "move 10" moving
	victim_says read 8000
	victim_says moved moved
	victim_says violations 0
	suture detach --pid "$pid"
}

@test "changed locking: under load" {
	example changed-locking
	load_survives
}

@test "changed locking: an old report goes on in peace" {
	example changed-locking
	victim_says report reporting
	apply_no_wait fix
	wait_switched_but 1
	victim_says "move 10" moving
	victim_says read 8000
	victim_says moved moved
	settled
	# the new rule is on
	victim_says report reporting
	victim_says "move 10" moving
	victim_says moved moved
	# and off on the way back: this one waits, as the report holds what the old code uses
	suture disable fix --pid "$pid" --no-wait
	wait_switched_but 1
	victim_says "move 10" moving
	victim_says read 8000
	victim_says moved moved
	settled
	victim_says violations 0
}

@test "changed locking: under load, turned around" {
	example changed-locking
	victim_says "load 4" loaded
	for _ in {1..3}; do
		victim_says report reporting
		apply_no_wait fix
		wait_status '.transition.blockers | length > 0'
		suture reverse --pid "$pid" --no-wait
		victim_says read 8000
		settled
		on fix
		victim_says "more 100" more
		victim_says report reporting
		suture disable fix --pid "$pid" --no-wait
		wait_status '.transition.blockers | length > 0'
		suture reverse --pid "$pid" --no-wait
		victim_says read 8000
		settled
		# on again: transfers need not wait for the reader
		victim_says report reporting
		victim_says "move 10" moving
		victim_says moved moved
		victim_says read 8000
		off fix
		victim_says "more 100" more
	done
	victim_says stop stopped
	victim_says violations 0
	suture detach --pid "$pid"
}

@test "changed locking: a newer version takes the lock over" {
	example changed-locking
	suture pack "$BATS_TEST_DIRNAME/$examples/changed-locking/fix.c" --target "$victim" \
		--cflags -DVERSION=2 -o "$work/newer.lp"
	victim_says "load 4" loaded
	on fix
	victim_says "more 100" more
	on newer
	victim_says "more 300" more
	victim_says stop stopped
	victim_says report reporting
	victim_says "move 10" moving
	victim_says moved moved
	victim_says read 8000
	victim_says violations 0
	off newer
	suture detach --pid "$pid"
}

@test "changed locking, naive: two locks at a time protect nothing" {
	example changed-locking
	victim_says report reporting
	apply_no_wait naive
	wait_switched_but 1
	victim_says "move 10" moving
	victim_says moved moved
	victim_says read 7990
	victim_says violations 1
}
