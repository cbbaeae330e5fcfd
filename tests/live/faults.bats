#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# One system call of the agent fails, each one in turn: whatever that leads to, the program goes on, and the
# same works afterwards. LP_FAIL_STEP=1 takes every call; without, each 41st. LP_FAIL_FROM is where to begin.
load helpers2

setup_case() {
	local with=${LP_BUILD_ROOT:-$BATS_TEST_DIRNAME/../../build}/faults
	victim_of counter
	suture pack "$fixes_dir/state.c" --target "$victim" -o "$work/one.lp"
	suture pack "$fixes_dir/state.c" --target "$victim" -o "$work/two.lp" --cflags -DVERSION=2
	# an agent whose system calls can fail
	[ -e "$with/build.ninja" ] ||
		meson setup "$with" "${LP_SOURCE_ROOT:-$BATS_TEST_DIRNAME/../..}" -Dfaults=true \
			-Dtests=false >/dev/null
	ninja -C "$with" src/suture-agent.so >/dev/null
	export SUTURE_AGENT=$with/src/suture-agent.so
}

# What may be refused or fail, but not be waited for in vain.
tries() {
	run suture "$@"
	[ "$status" -ne 124 ] || { echo "suture $*: no answer"; return 1; }
}

sequence() {
	tries attach --pid "$pid"
	tries apply "$work/one.lp" --pid "$pid"
	tries apply "$work/two.lp" --pid "$pid"
	tries undo --pid "$pid"
	tries disable one --pid "$pid"
	tries disable two --pid "$pid"
	tries detach --pid "$pid"
}

# All of it works, from whatever the sequence has left; with another agent, none of whose calls fail.
works() {
	tries disable one --pid "$pid" &&
		tries disable two --pid "$pid" &&
		tries detach --pid "$pid" &&
		SUTURE_AGENT=${SUTURE%/*}/suture-agent.so suture apply "$work/one.lp" --pid "$pid" &&
		[ "$(victim_ask limit)" -ge 1000 ] &&
		suture disable one --pid "$pid" &&
		suture detach --pid "$pid" &&
		text_same "$victim"
}

@test "each system call in turn" {
	local n step=${LP_FAIL_STEP:-41} count=0
	for ((n = ${LP_FAIL_FROM:-1}; ; n += step)); do
		LP_FAIL_AT=$n victim_start 2>"$work/stderr"
		sequence || { echo "LP_FAIL_AT=$n: $(cat "$work/stderr")"; return 1; }
		# no call is left to fail
		grep -q LP_FAIL_AT "$work/stderr" || break
		count=$((count + 1))
		works >"$work/works" || { cat "$work/works"; echo "LP_FAIL_AT=$n: $(cat "$work/stderr")"; return 1; }
		kill -KILL "$pid"
		wait "$pid" 2>/dev/null || true
	done
	[ "$count" -ge 10 ]
}
