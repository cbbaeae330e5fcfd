#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The command line itself; no process is touched.
load helpers

commands="pack info check apply disable reverse force set status list log attach detach"

@test "every command knows --help and --version" {
	for command in $commands; do
		run -0 suture "$command" --help
		[[ "$output" == "Usage: suture $command "* ]]
		run -0 suture "$command" --version
		[[ "$output" == "suture "[0-9]* ]]
	done
	run -0 suture --help
	for command in $commands; do
		[[ "$output" == *"  $command "* ]]
	done
}

@test "wrong usage: status 2, told on stderr" {
	local line
	while read -r line; do
		# shellcheck disable=SC2086 # a list of words
		run -2 --separate-stderr suture $line
		[ -z "$output" ]
		[ -n "$stderr" ]
	done <<'EOF'
nothing
apply
apply x.lp
apply x.lp --pid 0
apply x.lp --pid 12x
apply x.lp --pid 1 --timeout soon
apply x.lp --pid 1 --timeout -1
apply x.lp --pid 1 --on-timeout explode
apply x.lp y.lp --pid 1
apply x.lp --pid 1 --no-such-option
disable --pid 1
disable fix
set fix --pid 1
set fix replaceable=2 --pid 1
reverse
pack x.c -o x.lp
info
detach
EOF
	run -2 suture
}

@test "a name that no process has: refused" {
	run -1 suture list --name no-such-name-at-all --json
	reply .error.reason no-such-process
}
