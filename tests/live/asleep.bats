#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A thousand threads asleep in system calls: no call is ended, no thread is stopped but the one that is
# borrowed once to bring the agent in, and that does not notice either.
load helpers2

setup_case() {
	victim_of asleep
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
}

# How often the threads got a processor, without those that had reason to.
switches() {
	local agent
	agent=$(grep -lx suture /proc/"$pid"/task/*/comm)
	agent=${agent%/comm}
	grep -H . /proc/"$pid"/task/*/schedstat |
		awk -F '[/ ]' -v a="$pid" -v b="$borrowed" -v c="${agent##*/}" \
			'$5 != a && $5 != b && $5 != c { sum += $NF } END { print sum }'
}

# Until all sleep: their state is S.
all_asleep() {
	local deadline=$((SECONDS + DEADLINE))
	while cat /proc/"$pid"/task/*/stat | awk '$3 != "S" { found = 1 } END { exit !found }'; do
		[ $SECONDS -lt $deadline ]
	done
}

on_and_off() {
	run -0 suture attach --pid "$pid" --json
	reply '[.injected, .tid != .pid]' '[true,true]'
	borrowed=$(jq .tid <<<"$output")
	all_asleep
	before=$(switches)
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 2
	suture disable fix --pid "$pid"
	victim_says call 1
	[ "$1" = moving ] || [ "$(switches)" = "$before" ]
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says disturbed 0
}

thousand_in() {
	victim_start
	victim_says "sleep $1 1000" 1000
	on_and_off "${2:-still}"
	victim_says wake 2000
	victim_says disturbed 0
	victim_says call 2
}

@test "1,000 threads in epoll_wait" {
	thousand_in epoll_wait
}

@test "1,000 threads in epoll_wait with a timeout" {
	thousand_in epoll_wait-timed
}

@test "1,000 threads in futex" {
	thousand_in futex
}

@test "1,000 threads in read" {
	thousand_in read
}

@test "1,000 threads in nanosleep" {
	thousand_in nanosleep moving
}

@test "1,000 threads in poll" {
	thousand_in poll
}

@test "1,000 threads in poll with a timeout" {
	thousand_in poll-timed
}

@test "1,000 threads in semop" {
	thousand_in semop
}

@test "threads in all of them; detached, nothing is left" {
	victim_start
	victim_says "sleep epoll_wait 50" 50
	victim_says "sleep futex 50" 100
	victim_says "sleep read 50" 150
	victim_says "sleep poll 50" 200
	victim_says "sleep poll-timed 50" 250
	victim_says "sleep semop 50" 300
	all_asleep
	snapshot before
	on_and_off still
	suture disable fix --pid "$pid"
	suture detach --pid "$pid"
	snapshot after
	snapshot_same
	text_same "$victim"
	victim_says disturbed 0
	victim_says wake 300
}
