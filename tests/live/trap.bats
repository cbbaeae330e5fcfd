#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A process chooses the names of the files that it maps: none of them makes a command wait.
load helpers2

setup_case() {
	victim_of trap
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
	mkdir -m 777 "$work/own"
}

@test "a pipe in place of a mapped file: check of all processes does not wait for it" {
	victim_start "$work/own/junk"
	[ -p "$work/own/junk (deleted)" ]
	run -0 suture check "$work/fix.lp" --all --json
	[ "$(jq -c "select(.pid == $pid).fits" <<<"$output")" = true ]
}

@test "the same for who may not open mapped files but by their names" {
	local as=()
	if [ "$(id -u)" -eq 0 ]; then
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		chmod a+rx "$work" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$victim" "$work/fix.lp"
		"${as[@]}" test -x "$SUTURE" || skip "the build tree is root's alone"
		victim_under "${as[@]}"
	fi
	victim_start "$work/own/junk" inside
	# whether the thread can be borrowed there is not the question
	run timeout --kill-after=5 "$DEADLINE" "${as[@]}" "$SUTURE" attach --pid "$pid"
	[ "$status" -le 1 ]
	victim_says call 1
}
