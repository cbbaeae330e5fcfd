#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A transition that one task holds up, sitting in a function that changes: turned around, forced,
# out of time, interrupted.
load helpers

setup_case() {
	victim_build victim.c
	cat >"$work/both.c" <<-'EOF'
	#include <suture/livepatch.h>
	static int lp_answer(void) { return 2; }
	static int lp_held(void) { return 7; }
	static struct klp_func funcs[] = {
		{ .old_name = "answer", .new_func = lp_answer },
		{ .old_name = "held", .new_func = lp_held },
		{ }
	};
	static struct klp_object objs[] = { { .funcs = funcs }, { } };
	KLP_PATCH(.name = "both", .objs = objs);
	EOF
	suture pack "$work/both.c" --target "$victim" -o "$work/both.lp"
}

# The main thread runs the new code, a thread in held() the old.
start_midway() {
	victim_start
	victim_says hold holding
	suture apply "$work/both.lp" --pid "$pid" --no-wait "$@"
	wait_status '.transition.tasks.switched > 0'
	victim_says call 12
}

@test "reverse midway: everything is as before" {
	start_midway
	run -0 suture reverse --pid "$pid" --json
	reply '.name, .result, (.elapsed_ms | type)' $'both\nreversed\nnumber'
	victim_says call 11
	victim_says release 101
	run -0 suture list --pid "$pid" --json
	reply .patches '[]'
	text_same "$victim"
	suture detach --pid "$pid"
}

@test "what began before the switch ends with the old code" {
	start_midway
	victim_says release 101
	wait_status '.transition == null'
	victim_says call 12
	suture disable both --pid "$pid"
	victim_says call 11
}

@test "a disable that is reversed: the patch stays" {
	victim_start
	suture apply "$work/both.lp" --pid "$pid"
	suture disable both --pid "$pid"
	victim_says hold holding
	suture apply "$work/both.lp" --pid "$pid" --no-wait
	wait_status '.transition.blockers | length > 0'
	suture reverse --pid "$pid"
	victim_says call 11
	victim_says release 101
}

@test "force: complete at once, and marked" {
	start_midway
	run -0 suture force --pid "$pid" --json
	reply '.name, .result, (.elapsed_ms | type)' $'both\nforced\nnumber'
	run -0 suture status both --pid "$pid" --json
	reply '.patches[0] | [.enabled, .forced]' '[true,true]'
	victim_says call 12
	victim_says release 102
	# what the hint says: it stays, but another patch can replace it
	for command in "disable both" detach; do
		# shellcheck disable=SC2086 # a list of words
		run -1 suture $command --pid "$pid"
		[[ "$output" == *"hint: "*"replace"*"until the process ends"* ]]
	done
	patch_of answer 'return 3;' '.name = "next"' | patch_make next --target "$victim"
	suture apply "$work/next.lp" --pid "$pid"
	suture disable next --pid "$pid"
	suture detach --pid "$pid"
	victim_says call 11
}

@test "timeout, leave: status 4, and the transition goes on" {
	victim_start
	victim_says hold holding
	run -4 --separate-stderr suture apply "$work/both.lp" --pid "$pid" --timeout 300ms
	[[ "$stderr" == *"not complete"*"held+"* ]]
	victim_says call 12
	victim_says release 101
	wait_status '.transition == null and .patches[0].enabled'
}

@test "timeout, reverse: status 4, and the patch is out" {
	victim_start
	victim_says hold holding
	run -4 suture apply "$work/both.lp" --pid "$pid" --timeout 300ms --on-timeout reverse --json
	reply .result reversed
	victim_says call 11
	victim_says release 101
}

@test "timeout, force: done" {
	victim_start
	victim_says hold holding
	run -0 suture apply "$work/both.lp" --pid "$pid" --timeout 300ms --on-timeout force --json
	reply .result forced
	run -0 suture status both --pid "$pid" --json
	reply '.patches[0].forced' true
	victim_says release 102
}

@test "timeout, force: said in words, too" {
	victim_start
	victim_says hold holding
	run -0 suture apply "$work/both.lp" --pid "$pid" --timeout 300ms --on-timeout force
	[[ "$output" == *": both forced, "* ]]
	victim_says release 102
}

@test "a newer version of the same name: turned around is not taken for done, nor done for turned around" {
	victim_start
	patch_of answer 'return 2;' '.name = "both"' | patch_make old --target "$victim"
	suture apply "$work/old.lp" --pid "$pid"
	victim_says hold holding
	run -4 suture apply "$work/both.lp" --pid "$pid" --timeout 300ms --on-timeout reverse --json
	reply '.result, .replaces' $'reversed\n["both"]'
	victim_says release 102
	run -0 suture apply "$work/both.lp" --pid "$pid" --json
	reply .result enabled
	run -0 suture undo --pid "$pid" --json
	reply '.result, .returns' $'disabled\n["both"]'
	victim_says hold holding
	victim_says release 102
	victim_says call 12
}

@test "interrupted: turned around, status 4" {
	victim_start
	victim_says hold holding
	suture attach --pid "$pid"
	"$SUTURE" apply "$work/both.lp" --pid "$pid" --json >"$work/said" 3>&- &
	local command=$!
	wait_status '.transition.tasks.switched > 0'
	kill -TERM $command
	local status=0
	wait $command || status=$?
	[ $status -eq 4 ]
	output=$(cat "$work/said")
	reply .result reversed
	victim_says call 11
	victim_says release 101
}

@test "turned around: the agent that came for it is gone, one that was there is not" {
	victim_start
	victim_says hold holding
	snapshot before
	run -4 suture apply "$work/both.lp" --pid "$pid" --timeout 300ms --on-timeout reverse --json
	reply .result reversed
	snapshot after
	snapshot_same
	victim_says release 101
	victim_says call 11
	text_same "$victim"
	suture attach --pid "$pid"
	victim_says hold holding
	run -4 suture apply "$work/both.lp" --pid "$pid" --timeout 300ms --on-timeout reverse --json
	run -0 suture log --pid "$pid"
	[[ "$output" == *timeout* ]]
	victim_says release 101
}

@test "interrupted with two processes: the one that was not reached is told of" {
	local first other command status=0
	victim_start
	first=$pid
	victim_says hold holding
	suture attach --pid "$pid"
	victim_start
	other=$pid
	victim_says call 11
	"$SUTURE" apply "$work/both.lp" --pid "$first" --pid "$other" --json >"$work/said" 3>&- &
	command=$!
	pid=$first
	wait_status '.transition.tasks.switched > 0'
	kill -TERM $command
	wait $command || status=$?
	cat "$work/said"
	[ $status -eq 4 ]
	[ "$(jq -c '[.pid, .result, .error.reason]' "$work/said")" = \
"[$first,\"reversed\",null]
[$other,null,\"interrupted\"]" ]
	pid=$other
	victim_says call 11
}

@test "another apply waits for its turn, or does not" {
	start_midway
	patch_of other 'return 20;' '.name = "two", .provides = 2' |
		patch_make two --target "$victim"
	run -1 suture apply "$work/two.lp" --pid "$pid" --no-wait --json
	reply '.reasons[0].reason' busy-transition
	run -1 suture apply "$work/two.lp" --pid "$pid" --timeout 300ms --json
	reply '.reasons[0].reason' busy-transition
	suture apply "$work/two.lp" --pid "$pid" 3>&- &
	local command=$!
	victim_says release 101
	wait $command
	victim_says call 22
}

@test "detach in a transition: refused" {
	start_midway
	run -1 suture detach --pid "$pid"
	[[ "$output" == *"(busy-transition)"* ]]
	victim_says release 101
}

@test "a progress line on a terminal, none in a pipe" {
	victim_start
	victim_says hold holding
	run -4 env TERM=xterm script -qec \
		"$SUTURE apply $work/both.lp --pid $pid --timeout 700ms" /dev/null
	[[ "$output" == *"both: "*"tasks, "*"held+"* ]]
	suture reverse --pid "$pid"
	run -4 --separate-stderr suture apply "$work/both.lp" --pid "$pid" --timeout 700ms
	[[ "$stderr" != *$'\r'* ]]
	victim_says release 101
}
