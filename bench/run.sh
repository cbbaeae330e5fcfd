#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Measures, prints a table with each figure beside its goal, and keeps it as bench/results.json in the
# build folder. BENCH_SHORT=1: fewer rounds, and no 10,000 threads. A figure that misses its goal is
# no failure: the exit status is 0 whenever everything could be run. docs/design/bench.md says what
# is measured, and how.
#	bench/run.sh [call|pause|eintr|transition|command|shadow]...	only these
set -euo pipefail
cd "$(dirname "$0")"
build=$(realpath "${BUILD:-../build}")
[ -n "${BUILD:-}" ] && [ "${BUILD#/}" = "$BUILD" ] && build=$(realpath "../$BUILD")
out=$build/bench
export SUTURE=$build/src/suture PATCHES=$out

[ -x "$SUTURE" ] || { echo "bench: $SUTURE is not there; run make bench" >&2; exit 1; }
mkdir -p "$out"

# program PATCH...: builds it, and packs the patches for it.
program() {
	local name=$1 patch
	shift
	cc -D_GNU_SOURCE -std=gnu11 -O2 -g -pthread -o "$out/$name" "$name.c" bench.c -lm
	for patch in "$@"; do
		"$SUTURE" pack "patches/$patch.c" --target "$out/$name" -o "$out/$patch.lp" >/dev/null
	done
}

broken=0
measure() {
	echo "bench: $*" >&2
	"$out/$1" "${@:2}" >>"$out/figures" || { broken=1; echo "bench: $* failed" >&2; }
}

threads() {
	local n
	for n in 1 10 100 1000 ${BENCH_SHORT:-10000}; do
		[ "$n" = "${BENCH_SHORT:-}" ] || measure sleepers transition "$n"
	done
}

run_all() {
	local part
	for part in "$@"; do
		case $part in
		call) measure call ;;
		pause) measure pause ;;
		eintr) measure sleepers eintr 1000 ;;
		transition) threads ;;
		command) measure sleepers command 10 ;;
		shadow) measure shadow ;;
		*) echo "bench: no such part: $part" >&2; exit 2 ;;
		esac
	done
}

# One line for each figure: what, value, what it is compared with, result, goal, PASS or MISS.
table() {
	jq -r '
		def short: if . == null then "" elif . >= 100 then round
			elif . >= 10 then (. * 10 | round / 10) else (. * 100 | round / 100) end
			| tostring;
		def goal: {ratio: "<= \(.limit | short) x", over: "<= \(.limit | short) \(.unit) over",
			value: "<= \(.limit | short) \(.unit)", none: ""}[.goal];
		if .skipped then [.name, "", "not measured: \(.skipped)", "", "", ""]
		else [.what, "\(.value | short) \(.unit)",
			(if .peer_what then "\(.peer | short) \(.unit) \(.peer_what)" else "" end),
			(if .goal == "ratio" then "\(.result | short) x"
			 elif .goal == "over" then "+\(.result | short) \(.unit)"
			 elif .peer then "\(.value / .peer | short) x" else "" end),
			goal, (if .goal == "none" then "" elif .pass then "PASS" else "MISS" end)]
		end | join("\t")' "$out/figures" |
		awk -F '\t' '
			BEGIN { f = "%-38s %12s  %-24s %-12s %-17s %s\n"
				printf f, "figure", "measured", "beside", "compared", "goal", "" }
			{ printf f, $1, $2, $3, $4, $5, $6 }'
}

program call call
program pause pause-single pause-multi
program sleepers sleepers
program shadow
: >"$out/figures"
[ $# -gt 0 ] || set -- call pause eintr transition command shadow
run_all "$@"
jq -s --arg kernel "$(uname -r)" --argjson processors "$(nproc)" --arg load "$(cut -d' ' -f1 /proc/loadavg)" \
	'{kernel: $kernel, processors: $processors, load: ($load | tonumber), figures: .}' \
	"$out/figures" >"$out/results.json"
echo
table
echo
printf '%s figures, %s miss their goal; %s\n' "$(jq '.figures | length' "$out/results.json")" \
	"$(jq '[.figures[] | select(.pass == false)] | length' "$out/results.json")" "$out/results.json"
exit $broken
