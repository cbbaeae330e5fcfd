#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What `suture check` says of threads that are in a function that changes: now, or all the time.
load helpers2

setup_case() {
	victim_of stay
	fix_of stay
	victim_start
}

# check [OPTION...]: as JSON in $output; each blocker by its thread's name in $blockers
check() {
	run -0 --separate-stderr suture check "$work/stay.lp" --pid "$pid" --json "$@"
	reply .fits true
	blockers=$(jq -c '.blockers[]' <<<"$output" | while read -r one; do
		echo "$(cat "/proc/$pid/task/$(jq .tid <<<"$one")/comm") $(jq .always <<<"$one")" \
			"$(jq -r .function <<<"$one")"
	done | sort)
	echo "looks: $(jq .looks <<<"$output"), blockers: $blockers"
}

nobody_stays() {
	[ "$(grep -c true <<<"$blockers")" -eq 0 ]
}

looks() {
	jq -e ".looks $1 $2" <<<"$output" >/dev/null
}

@test "nobody is in it: one look" {
	check
	[ "$blockers" = "" ]
	looks "==" 1
}

@test "a thread that sleeps in it for good, and can leave" {
	victim_says "start wait" started
	check
	[ "$blockers" = "wait true wait_for_it" ]
	reply '.blockers[0].asleep' true
	looks ">=" 15
	victim_says leave left
	check
	[ "$blockers" = "" ]
}

@test "a thread that serves in it for good, awake and asleep" {
	victim_says "start serve" started
	check
	[ "$blockers" = "serve true handle_loop" ]
	reply '.blockers[0].asleep' false
	victim_says disturbed 0
}

@test "a thread that computes in it for good" {
	victim_says "start burn" started
	check
	[ "$blockers" = "" ]
	looks "<" 60 # given up when the second is over
	check --hold
	[ "$blockers" = "burn true compute" ]
}

@test "a thread that serves in it for good, and hardly sleeps" {
	victim_says "start plod" started
	for _ in 1 2; do
		check
		looks ">=" 15
		[ "$blockers" = "plod true plough" ]
	done
	victim_says disturbed 0
}

@test "threads that only visit it are never taken for those" {
	for _ in 1 2 3 4 5 6; do
		victim_says "start visit" started
	done
	victim_says "start dive" started
	check
	nobody_stays
	check --for 5s
	nobody_stays
	victim_says disturbed 0
}

@test "told apart, all at once" {
	local one
	for one in serve burn wait visit visit visit visit dive; do
		victim_says "start $one" started
	done
	check --hold
	[ "$(grep true <<<"$blockers")" = $'burn true compute\nserve true handle_loop\nwait true wait_for_it' ]
	victim_says disturbed 0
}

@test "for how long, and what is said" {
	victim_says "start serve" started
	check --for 0
	looks "==" 1
	nobody_stays
	check --for 200ms
	looks ">=" 2
	run -0 suture check "$work/stay.lp" --pid "$pid"
	echo "$output"
	[[ "$output" == *"thread "*" (serve): handle_loop is on its stack all the time ("*" looks in "*" s)"* ]]
	[[ "$output" == *"hint: a loop that never returns cannot be replaced"*"--leave handle_loop"* ]]
	run -2 suture check "$work/stay.lp" --pid "$pid" --for soon
}

@test "nothing is left behind, and interrupted it says what it knows" {
	local checking deadline=$((SECONDS + DEADLINE))
	victim_says "start serve" started
	victim_says "start wait" started
	snapshot before
	check
	snapshot after
	snapshot_same
	# what runs in the background of a script ignores SIGINT
	env --default-signal=INT "$SUTURE" check "$work/stay.lp" --pid "$pid" --for 1m --json \
		>"$work/said" 3>&- &
	checking=$!
	until [ "$(agent_switches 2>/dev/null || echo 0)" -gt 8 ]; do
		[ $SECONDS -lt $deadline ]
	done
	kill -INT "$checking"
	wait "$checking" || [ $? -eq 4 ]
	output=$(cat "$work/said")
	reply '.fits, .interrupted' $'true\ntrue'
	reply '.blockers | any(.function == "wait_for_it")' true
	snapshot after
	snapshot_same
}

# agent_switches: how often the agent of $pid got a processor
agent_switches() {
	local task
	task=$(grep -lx suture /proc/"$pid"/task/*/comm) || return
	awk '{ print $3 }' "${task%comm}schedstat"
}

# locks KIND: how many of it clients hold on $pid: FLOCK (they use the agent), OFDLCK (for now)
locks() {
	grep -c " $1 .*:$(stat -L -c %i "/proc/$pid/fd") " /proc/locks
}

# until_locks KIND N
until_locks() {
	local deadline=$((SECONDS + DEADLINE))
	until [ "$(locks "$1")" -eq "$2" ]; do
		[ $SECONDS -lt $deadline ]
	done
}

# check_for_a_minute: in the background, as $checking, and it has begun to look
check_for_a_minute() {
	local before deadline=$((SECONDS + DEADLINE))
	suture attach --pid "$pid"
	before=$(agent_switches)
	"$SUTURE" check "$work/stay.lp" --pid "$pid" --for 1m "$@" >"$work/said" 2>&1 3>&- &
	checking=$!
	until [ "$(agent_switches)" -gt $((before + 8)) ]; do
		[ $SECONDS -lt $deadline ]
	done
}

@test "interrupted with two processes: a line for each, and status 4" {
	local checking failed=0 first
	victim_says "start serve" started
	first=$pid
	victim_start
	snapshot before
	pid=$first
	check_for_a_minute --pid "$first" --pid "${victims[1]}" --json
	kill -TERM "$checking"
	wait "$checking" || failed=$?
	cat "$work/said"
	[ "$failed" -eq 4 ]
	[ "$(jq -c '[.pid, .fits, .interrupted, .error.reason]' "$work/said")" = \
"[$first,true,true,null]
[${victims[1]},null,null,\"interrupted\"]" ]
	pid=${victims[1]}
	snapshot after
	snapshot_same
}

@test "a closed terminal: the agent is taken out all the same" {
	local checking failed=0
	victim_says "start serve" started
	snapshot before
	"$SUTURE" check "$work/stay.lp" --pid "$pid" --for 1m --json >"$work/said" 3>&- &
	checking=$!
	until_attached
	kill -HUP "$checking"
	wait "$checking" || failed=$?
	cat "$work/said"
	[ "$failed" -eq 4 ]
	snapshot after
	snapshot_same
}

@test "two at once: neither takes the agent from the other, and the last one takes it out" {
	local long short
	victim_says "start serve" started
	snapshot before
	"$SUTURE" check "$work/stay.lp" --pid "$pid" --for 1m --json >"$work/short" 3>&- &
	short=$!
	until_attached
	"$SUTURE" check "$work/stay.lp" --pid "$pid" --for 1m --json >"$work/long" 3>&- &
	long=$!
	until_locks OFDLCK 2
	kill -TERM $short
	wait $short || [ $? -eq 4 ]
	run -0 suture attach --pid "$pid" --json
	reply '.injected, .for_now' $'false\ntrue'
	kill -TERM $long
	wait $long || [ $? -eq 4 ]
	cat "$work/long"
	output=$(cat "$work/long")
	reply '.fits, .interrupted, .error' $'true\ntrue\nnull'
	snapshot after
	snapshot_same
}

@test "a refused apply takes the agent from nobody" {
	local checking failed=0
	victim_says "start serve" started
	snapshot before
	"$SUTURE" check "$work/stay.lp" --pid "$pid" --for 1m --json >"$work/said" 3>&- &
	checking=$!
	until_attached
	victim=$work/other victim_of stay -O1
	patch_of dip 'return 2;' | patch_make other --target "$work/other"
	refused_with build-id-mismatch apply "$work/other.lp" --pid "$pid"
	kill -TERM "$checking"
	wait "$checking" || failed=$?
	output=$(cat "$work/said")
	reply '.fits, .interrupted' $'true\ntrue'
	[ "$failed" -eq 4 ]
	snapshot after
	snapshot_same
}

@test "below nohup SIGHUP stays ignored" {
	local checking
	victim_says "start serve" started
	(trap '' HUP; exec "$SUTURE" check "$work/stay.lp" --pid "$pid" --for 1m >"$work/said" 3>&-) &
	checking=$!
	until_attached
	kill -HUP "$checking"
	[ $((16#$(awk '$1 == "SigIgn:" { print $2 }' "/proc/$checking/status") & 1)) -eq 1 ]
	kill -TERM "$checking"
	wait "$checking" || [ $? -eq 4 ]
	grep -q "interrupted after" "$work/said"
}

@test "the thread ends meanwhile" {
	local checking began=$SECONDS
	victim_says "start wait" started
	check_for_a_minute --json
	victim_says leave left
	wait "$checking"
	[ $((SECONDS - began)) -lt 60 ]
	output=$(cat "$work/said")
	reply '.blockers[0] | .function, .always' $'wait_for_it\nfalse'
}

@test "the process ends meanwhile" {
	local checking failed
	victim_says "start serve" started
	check_for_a_minute
	kill -KILL "$pid"
	failed=0
	wait "$checking" || failed=$?
	cat "$work/said"
	[ "$failed" -eq 3 ]
	grep -q "(no-such-process)" "$work/said"
}
