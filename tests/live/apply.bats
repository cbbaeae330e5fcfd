#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A patch goes in and comes out again.
load helpers

setup_case() {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
}

@test "apply changes what the program answers, disable changes it back" {
	victim_start
	victim_says call 11
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 12
	suture disable fix --pid "$pid"
	victim_says call 11
}

@test "apply says what it did in JSON" {
	victim_start
	run -0 suture apply "$work/fix.lp" --pid "$pid" --json
	reply .pid "$pid"
	reply .name fix
	reply .result enabled
}

@test "applied twice: the second takes over from the first" {
	victim_start
	suture apply "$work/fix.lp" --pid "$pid"
	run -0 suture apply "$work/fix.lp" --pid "$pid" --json
	reply .replaces '["fix"]'
	run -0 suture list --pid "$pid" --json
	reply .patches '["fix"]'
	victim_says call 12
	suture disable fix --pid "$pid"
	victim_says call 11
}

@test "the same name in another scope: refused" {
	victim_start
	suture apply "$work/fix.lp" --pid "$pid"
	patch_of other 'return 20;' '.name = "fix", .provides = 7' |
		patch_make other --target "$victim"
	run -1 suture apply "$work/other.lp" --pid "$pid" --json
	reply '.reasons[0] | [.reason, .patch]' '["already-enabled","fix"]'
	victim_says call 12
}

@test "on and off ten times" {
	victim_start
	for _ in {1..10}; do
		suture apply "$work/fix.lp" --pid "$pid"
		victim_says call 12
		suture disable fix --pid "$pid"
		victim_says call 11
	done
	text_same "$victim"
}

@test "a process with 100 sleeping threads" {
	victim_start
	victim_ask "threads 100"
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 12
	suture disable fix --pid "$pid"
	victim_says call 11
}

@test "nothing is left after detach" {
	victim_start
	victim_says call 11
	snapshot before
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 12
	suture disable fix --pid "$pid"
	suture detach --pid "$pid"
	snapshot after
	snapshot_same
	text_same "$victim"
	victim_says call 11
}

@test "two processes by name, one line each" {
	local first
	mv "$victim" "$work/lp-$$"
	victim=$work/lp-$$
	victim_start
	first=$pid
	victim_start
	run -0 suture apply "$work/fix.lp" --name "lp-$$" --json
	[ "${#lines[@]}" -eq 2 ]
	[ "$(jq -rs 'map(.pid) | sort | join(" ")' <<<"$output")" = \
		"$(printf '%s\n' "$first" "$pid" | sort -n | paste -sd' ')" ]
	victim_says call 12
}

@test "every process that runs the build: --all" {
	victim_start
	run -0 suture apply "$work/fix.lp" --all --json
	reply .pid "$pid"
	victim_says call 12
}

@test "a process of --all that ends while it is asked is no failure" {
	local command
	patch_of held 'return 7;' '.name = "held"' | patch_make held --target "$victim"
	victim_start
	victim_says hold holding
	suture attach --pid "$pid"
	"$SUTURE" apply "$work/held.lp" --all --json >"$work/said" 2>&1 3>&- &
	command=$!
	wait_status '.transition.tasks.total > 0'
	kill -KILL "$pid"
	wait $command
	[ ! -s "$work/said" ]
	# one that was asked for is
	victim_start
	victim_says hold holding
	suture attach --pid "$pid"
	"$SUTURE" apply "$work/held.lp" --pid "$pid" --json >"$work/said" 2>&1 3>&- &
	command=$!
	wait_status '.transition.tasks.total > 0'
	kill -KILL "$pid"
	wait $command || [ $? -eq 3 ]
	output=$(cat "$work/said")
	reply .error.reason no-such-process
}

@test "a string that a patched function returned can be read after the patch is out" {
	victim_build - -I"$BATS_TEST_DIRNAME/victims" -D_GNU_SOURCE <<'EOF'
#include "victim.h"
static const char *kept = "none";
ENTRY const char *name(void) { return "old"; }
static void keep(const char *unused) { (void)unused; kept = name(); say("kept"); }
static void tell(const char *unused) { (void)unused; say("%s", kept); }
int main(void)
{
	static const struct victim_command commands[] = { { "keep", keep }, { "tell", tell }, {} };
	return victim_run(commands);
}
EOF
	patch_make strings --target "$victim" <<'EOF'
#include <suture/livepatch.h>
static const char *new_name(void) { return "new"; }
static struct klp_func funcs[] = { { .old_name = "name", .new_func = new_name }, { } };
static struct klp_object objs[] = { { .funcs = funcs }, { } };
KLP_PATCH(.objs = objs);
EOF
	victim_start
	suture apply "$work/strings.lp" --pid "$pid"
	victim_says keep kept
	suture disable strings --pid "$pid"
	for _ in 1 2 3; do
		suture apply "$work/strings.lp" --pid "$pid"
		suture disable strings --pid "$pid"
	done
	victim_says tell new
}
