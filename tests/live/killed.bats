#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The client dies (kill -9) at any moment: the process does not notice, and what was begun goes on or
# never was.
load helpers2

ROUNDS=${ROUNDS:-50}

setup_case() {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
	patch_of held 'return 7;' '.name = "held"' | patch_make held --target "$victim"
	gcc -O2 -g -Wall -D_GNU_SOURCE -o "$work/killer" "$victims_dir/killer.c"
	victim_start
	victim_says "threads 5" started
}

# COMMAND...: how many times it stops at system calls, in $stops
count_stops() {
	local answer
	answer=$("$work/killer" 0 "$SUTURE" "$@")
	[ "${answer% *}" = 0 ]
	stops=${answer#* }
}

# Whatever was begun is over, and then all works as ever.
is_healthy() {
	local answer
	answer=$(victim_ask call)
	[ "$answer" = 11 ] || [ "$answer" = 12 ]
	run suture status --pid "$pid" --json
	if [ "$status" -eq 0 ]; then
		wait_status '.transition == null'
		run -0 suture list --pid "$pid" --json
		case $(jq -rc .patches <<<"$output") in
		'[]') victim_says call 11 ;;
		'["fix"]') victim_says call 12 ;;
		*) return 1 ;;
		esac
	else
		reply '.error.reason' not-attached
		victim_says call 11
	fi
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 12
	suture disable fix --pid "$pid"
	victim_says call 11
}

@test "killed anywhere in an apply that brings the agent in" {
	local round
	count_stops apply "$work/fix.lp" --pid "$pid"
	suture disable fix --pid "$pid"
	suture detach --pid "$pid"
	for ((round = 1; round <= ROUNDS; round++)); do
		"$work/killer" $((stops * round / ROUNDS)) \
			"$SUTURE" apply "$work/fix.lp" --pid "$pid" >/dev/null
		is_healthy || { echo "at $((stops * round / ROUNDS)) of $stops"; return 1; }
		suture detach --pid "$pid"
	done
	victim_says call 11
	text_same "$victim"
}

@test "killed anywhere in an apply, a disable, a reverse with the agent there" {
	local round
	suture attach --pid "$pid"
	for ((round = 1; round <= 15; round++)); do
		count_stops apply "$work/fix.lp" --pid "$pid"
		suture disable fix --pid "$pid"
		"$work/killer" $((stops * round / 15)) \
			"$SUTURE" apply "$work/fix.lp" --pid "$pid" >/dev/null
		is_healthy
		suture apply "$work/fix.lp" --pid "$pid"
		"$work/killer" $((stops * round / 15)) \
			"$SUTURE" disable fix --pid "$pid" >/dev/null
		is_healthy
	done
	victim_says call 11
	text_same "$victim"
}

@test "killed while it waits: the transition goes on by itself" {
	victim_says hold holding
	"$SUTURE" apply "$work/held.lp" --pid "$pid" 3>&- &
	local client=$!
	until suture status --pid "$pid" >/dev/null 2>&1; do
		kill -0 $client
	done
	wait_status '.transition.blockers[0].function == "held"'
	kill -KILL $client
	wait $client || true
	status_get
	reply .transition.patch held
	victim_says release 101
	wait_status '.transition == null'
	run -0 suture list --pid "$pid" --json
	reply .patches '["held"]'
	victim_says call 11
}

@test "killed anywhere in a detach: a second one finds the agent or nothing" {
	local round
	for ((round = 1; round <= 10; round++)); do
		suture attach --pid "$pid"
		count_stops detach --pid "$pid"
		suture attach --pid "$pid"
		"$work/killer" $((stops * round / 10)) "$SUTURE" detach --pid "$pid" >/dev/null
		victim_says call 11
		is_healthy
		suture detach --pid "$pid"
	done
	text_same "$victim"
	victim_says call 11
}
