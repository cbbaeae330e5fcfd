#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What others see of the agent and of patches: a debugger, and the program itself.
load helpers2

setup_case() {
	victim_of names
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
	victim_start
}

agent() { realpath "$(dirname "$SUTURE")/suture-agent.so"; }

# The debugger says COMMANDS of the process; it must not wait for anything.
debugger() {
	local commands=(-ex 'set debuginfod enabled off' -ex 'set auto-solib-add on') one
	command -v gdb >/dev/null || skip "gdb is not installed"
	for one in "$@"; do commands+=(-ex "$one"); done
	timeout -k 5 120 gdb -nx -batch "${commands[@]}" -p "$pid" </dev/null 2>&1
}

@test "the program finds the agent under the name of its file, as often as it comes" {
	victim_says names ""
	for _ in 1 2 3; do
		suture attach --pid "$pid"
		victim_says names "$(agent)"
		suture apply "$work/fix.lp" --pid "$pid"
		suture disable fix --pid "$pid"
		suture detach --pid "$pid"
		victim_says names ""
	done
}

@test "a name that has no room: only the file's" {
	local deep=$work i
	for i in 1 2 3 4 5 6 7 8; do deep=$deep/a-directory-with-a-rather-long-name-$i; done
	mkdir -p "$deep"
	cp "$(agent)" "$SUTURE" "$deep"
	"$deep/suture" attach --pid "$pid"
	victim_says names suture-agent.so
	"$deep/suture" detach --pid "$pid"
}

@test "gdb looks at a patched process, and names the patch's functions" {
	suture apply "$work/fix.lp" --pid "$pid"
	run -0 debugger 'info threads' 'info functions lp_answer'
	[[ $output = *suture* ]]
	[[ $output = *lp_answer* ]]
	victim_says call 2
	suture disable fix --pid "$pid"
	victim_says call 1
	suture detach --pid "$pid"
}
