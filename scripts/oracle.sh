#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Random patching of a program that checks every entry: docs/design/oracle.md.
#	oracle.sh [SECONDS]		with the agent of the build; SEED=n replays the sequence of requests
#	oracle.sh --bugs [SECONDS [NAME...]]	with each planted fault, or these: each must be found
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
build=$(realpath "${BUILD:-build}")
bugs=(no-pending stub-not-busy no-stack no-holding no-closing)
mode=right
[ "${1:-}" != --bugs ] || { mode=bugs; shift; }
seconds=${1:-60}
[ $# -lt 2 ] || bugs=("${@:2}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_driver() {
	${CC:-cc} -O2 -std=gnu11 -I include -I src -o "$work/driver" \
		tests/oracle/driver.c "$build"/src/lib{cli,inject,elf,core}.a -ljansson -ldw -lelf
}

# One site alone is the hardest case for the agent: nothing else asks.
make_victim() {
	local kind=$1 flags=$2 i
	mkdir -p "$work/$kind"
	# shellcheck disable=SC2086
	(cd tests/oracle && ${CC:-cc} -O2 -g -std=gnu11 -I "$root/include" $flags \
		-o "$work/$kind/victim" victim.c check.c nap.c -pthread -Wl,--build-id)
	for i in 1 2 3; do
		"$build/src/suture" pack "tests/oracle/fix$i.c" --target "$work/$kind/victim" \
			--cflags "-I$root/include -I$root/tests/oracle" -o "$work/$kind/fix$i.lp" \
			>"$work/pack.log" 2>&1 || { cat "$work/pack.log" >&2; exit 1; }
	done
}

run() {
	local kind=$1 agent=$2 for_seconds=$3
	"$work/driver" --victim "$work/$kind/victim" --suture "$build/src/suture" --agent "$agent" \
		--fixes "$work/$kind" --seconds "$for_seconds" ${SEED:+--seed "$SEED"}
}

find_bug() {
	local bug=$1 with="$work/bug-$1" kind
	meson setup "$with" -Dbug="$bug" -Dtests=false >"$work/log" 2>&1
	ninja -C "$with" src/suture-agent.so >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
	for kind in several one; do
		if ! run "$kind" "$with/src/suture-agent.so" "$seconds" >"$work/log" 2>&1; then
			echo "oracle: $bug: found: $(grep -m1 -iE 'violation|signal|I[1-5]' "$work/log" || tail -1 "$work/log")"
			return 0
		fi
	done
	echo "oracle: $bug: NOT FOUND in $seconds s"
	return 1
}

make_driver
make_victim several -DSEVERAL
make_victim one ""
status=0
if [ $mode = bugs ]; then
	for bug in "${bugs[@]}"; do
		find_bug "$bug" || status=1
	done
else
	run several "$build/src/suture-agent.so" $((seconds - seconds / 3)) || status=1
	run one "$build/src/suture-agent.so" $((seconds / 3)) || status=1
fi
exit $status
