#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The short form of `make oracle`: docs/design/oracle.md.
bats_require_minimum_version 1.5.0

setup() {
	root=${LP_SOURCE_ROOT:-$BATS_TEST_DIRNAME/../..}
	export BUILD=${LP_BUILD_ROOT:-$root/build}
}

@test "random patching: nothing is violated" {
	run "$root/scripts/oracle.sh" 9
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c ' 0 violations$' <<<"$output")" -eq 2 ]
}

@test "an agent that does not look at stacks is found out" {
	run -0 "$root/scripts/oracle.sh" --bugs 60 no-stack
	[[ "$output" == *"no-stack: found: violation"* ]]
}
