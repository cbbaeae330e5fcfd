#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the tests and ends with the line "N passed, N failed", every case of every test counted.
#	T=name	only the tests whose name contains it ("replace", "live-reverse", "check-")
#	CI	set: warnings are errors
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}

# Tests are found by their files: configure again when there are others than last time.
configure() {
	local listed="$build/.tests"
	local now
	now=$(ls tests/unit/test_*.c tests/live/*.bats tests/check-*.sh 2>/dev/null || true)
	[ -z "${CI:-}" ] || meson configure "$build" -Dwerror=true
	if [ ! -e "$listed" ] || [ "$(cat "$listed")" != "$now" ]; then
		meson setup --reconfigure "$build" >/dev/null
		printf '%s\n' "$now" >"$listed"
	fi
	ninja -C "$build" --quiet
}

# Names of the tests to run; none for all of them.
select_tests() {
	local names
	[ -n "${T:-}" ] || return 0
	names=$(meson test -C "$build" --list --no-rebuild 2>/dev/null |
		sed -n 's/^.* \/ //; /^[a-z0-9_-]*$/p' | grep -F -- "$T" || true)
	if [ -z "$names" ]; then
		echo "check: no test has $T in its name" >&2
		echo "0 passed, 0 failed"
		exit 1
	fi
	printf '%s\n' "$names"
}

# One line of meson's log for each test -> "passed failed skipped". Tests that speak TAP count by
# their cases; one that broke off counts as one failure more.
count() {
	jq -rs '
		def cases(pattern): [.stdout // "" | splits("\n") | select(test(pattern))] | length;
		def one:
			cases("^(not )?ok .*# *(SKIP|skip)") as $skipped
			| (cases("^ok ") - cases("^ok .*# *(SKIP|skip)")) as $passed
			| (cases("^not ok ") - cases("^not ok .*# *(SKIP|skip)")) as $failed
			| (.result == "OK" or .result == "SKIP" or .result == "EXPECTEDFAIL") as $good
			| if $passed + $failed + $skipped == 0 then
				(if .result == "SKIP" then [0, 0, 1] elif $good then [1, 0, 0]
				 else [0, 1, 0] end)
			  else [$passed, (if $good or $failed > 0 then $failed else 1 end), $skipped]
			  end;
		map(one) | [(map(.[0]) | add), (map(.[1]) | add), (map(.[2]) | add)]
		| map(. // 0) | map(tostring) | join(" ")' "$1"
}

# What the failed cases said: meson shows standard error only.
show_failures() {
	jq -r 'select(.result != "OK" and .result != "SKIP") | .name as $name
		| (.stdout // "" | split("\n")) as $lines
		| foreach $lines[] as $line (false;
			if $line | test("^(not )?ok ") then ($line | test("^not ok ")) else . end;
			if . and ($line | test("^(not ok|#)")) then $name + ": " + $line
			else empty end)' "$1" | grep -v '# not ok - ' || true
}

configure
mapfile -t names < <(select_tests)
[ -z "${T:-}" ] || [ ${#names[@]} -gt 0 ] || { echo "0 passed, 0 failed"; exit 1; }
log="$build/meson-logs/testlog.json"
rm -f "$log"
result=0
meson test -C "$build" --no-rebuild --print-errorlogs "${names[@]}" || result=$?
show_failures "$log"
read -r passed failed skipped < <(count "$log")
[ "$skipped" -eq 0 ] || echo "$skipped skipped"
[ "$result" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
