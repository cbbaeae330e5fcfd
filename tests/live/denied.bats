#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Where code may never be writable and executable, pages of code are replaced by copies. A child by fork
# maps the same copies: what is changed in its parent must not change in it.
load helpers2

setup_case() {
	local name
	victim_of denied
	for name in single several crossing; do
		patch_of "$name" 'return 2;' ".name = \"$name\", .provides = ${#name}" |
			patch_make "$name" --target "$victim"
	done
	suture info "$work/several.lp" | grep -q "several.*entry multi"
}

apply() {
	suture apply "$work/$1.lp" --pid "$pid"
}

changes_stay_in_the_parent() {
	apply single
	victim_ask fork
	victim_says child "2 1 1"
	apply several
	apply crossing
	victim_says call "2 2 2"
	victim_says child "2 1 1"
	suture disable single --pid "$pid"
	victim_says call "1 2 2"
	victim_says child "2 1 1"
	victim_ask fork
	suture disable crossing --pid "$pid"
	suture disable several --pid "$pid"
	victim_says child "1 2 2"
	victim_says call "1 1 1"
	text_same "$victim"
	suture detach --pid "$pid"
}

@test "a filter denies it: changes in the parent are not seen by its children" {
	victim_start filter
	changes_stay_in_the_parent
}

@test "the kernel denies it: changes in the parent are not seen by its children" {
	[ "$("$victim" mdwe </dev/null)" = ready ] || skip "this kernel has no PR_SET_MDWE"
	victim_start mdwe
	changes_stay_in_the_parent
}
