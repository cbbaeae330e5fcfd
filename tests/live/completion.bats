#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What bash offers.
load helpers

setup_case() {
	# shellcheck source=/dev/null
	source "$BATS_TEST_DIRNAME/../../completions/suture"
}

# offers WORD... EXPECTED: what is offered for the last of these words of a line
offers() {
	local expected=${*: -1}
	COMP_WORDS=("${@:1:$#-1}")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_suture
	[ "${COMPREPLY[*]}" = "$expected" ] || { echo "offered: ${COMPREPLY[*]}"; return 1; }
}

@test "commands and options" {
	offers suture und undo
	offers suture disable --no --no-wait
	offers suture apply --on-timeout re reverse
}

@test "the patches of a process, but not what undo would bring back" {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "one"' | patch_make one --target "$victim"
	patch_of answer 'return 3;' '.name = "two"' | patch_make two --target "$victim"
	patch_of other 'return 4;' '.name = "side,[x]", .provides = 2' |
		patch_make side --target "$victim"
	victim_start
	suture apply "$work/one.lp" --pid "$pid"
	offers suture disable --pid "$pid" '' one
	suture apply "$work/two.lp" --pid "$pid"
	run -0 suture list --pid "$pid" --json
	reply .undo.returns '["one"]'
	offers suture disable --pid "$pid" '' two
	suture apply "$work/side.lp" --pid "$pid"
	offers suture disable --pid "$pid" '' 'side,[x] two'
	offers suture status --pid "$pid" t two
}
