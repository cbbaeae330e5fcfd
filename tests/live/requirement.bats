#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Patches that require others, that are there already, or that nobody can take.
load helpers2

setup_case() {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "base", .provides = 1' |
		patch_make base --target "$victim"
	{
		echo 'static const char *const needed[] = { "base", 0 };'
		patch_of other 'return 20;' '.name = "on-top", .provides = 2, .requires = needed'
	} | patch_make on-top --target "$victim"
	patch_of answer 'return 3;' '.name = "other", .provides = 1' |
		patch_make other --target "$victim"
	victim_start
}

@test "a missing requirement: refused, naming it" {
	snapshot before
	run -1 suture apply "$work/on-top.lp" --pid "$pid" --json
	reply '.reasons[0] | [.reason, .patch]' '["missing-requirement","base"]'
	snapshot after
	snapshot_same
	victim_says call 11
}

@test "with its requirement; which then cannot go" {
	suture apply "$work/base.lp" --pid "$pid"
	suture apply "$work/on-top.lp" --pid "$pid"
	victim_says call 22
	run -1 suture disable base --pid "$pid" --json
	reply '.reasons[0] | [.reason, .patch]' '["required","on-top"]'
	run -1 suture apply "$work/other.lp" --pid "$pid" --json
	reply '.reasons[0].reason' required
	victim_says call 22
	suture disable on-top --pid "$pid"
	suture disable base --pid "$pid"
	victim_says call 11
}

@test "a name that another scope has: already-enabled" {
	patch_of other 'return 30;' '.name = "base", .provides = 7' |
		patch_make twin --target "$victim"
	suture apply "$work/base.lp" --pid "$pid"
	run -1 suture apply "$work/twin.lp" --pid "$pid" --json
	reply '.reasons[0] | [.reason, .patch]' '["already-enabled","base"]'
	victim_says call 12
}

@test "the same file again: takes its own place, without a moment in between" {
	suture apply "$work/base.lp" --pid "$pid"
	suture apply "$work/on-top.lp" --pid "$pid"
	run -0 suture apply "$work/base.lp" --pid "$pid" --json
	reply .replaces '["base"]'
	run -0 suture list --pid "$pid" --json
	reply '.patches | sort' '["base","on-top"]'
	victim_says call 22
}

@test "two scopes: transitions of one leave the other alone" {
	suture apply "$work/base.lp" --pid "$pid"
	patch_of held 'return 7;' '.name = "held", .provides = 3' | patch_make held --target "$victim"
	victim_says hold holding
	suture apply "$work/held.lp" --pid "$pid" --no-wait
	wait_switched_but 1
	victim_says call 12
	suture reverse --pid "$pid"
	run -0 suture list --pid "$pid" --json
	reply .patches '["base"]'
	# the held one calls answer(), which has its own scope and is settled
	victim_says release 102
	suture apply "$work/held.lp" --pid "$pid"
	suture disable base --pid "$pid"
	run -0 suture list --pid "$pid" --json
	reply .patches '["held"]'
	victim_says call 11
}

@test "commands for an agent that is not there" {
	local command
	while read -r command; do
		# shellcheck disable=SC2086 # a list of words
		run -1 suture $command --pid "$pid" --json
		reply '.error.reason' not-attached
	done <<'EOT'
disable base
reverse
force
set base replaceable=1
log
detach
EOT
	victim_says call 11
}
