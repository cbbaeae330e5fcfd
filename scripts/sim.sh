#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The simulation of src/core: docs/design/sim.md.
#	sim.sh			STEPS=500000 random steps over SEEDS=20 seeds
#	SEED=n sim.sh		exactly the run of this seed (STEPS as above, for this one seed)
#	sim.sh --long		STEPS=10000000 over SEEDS=400, and then every planted bug
#	sim.sh --script FILE	exactly these steps; TRACE=1 tells what happens
#	sim.sh --same		one run, twice: the traces must be the same byte for byte
#	sim.sh --bugs [NAME]	with each planted bug of tests/sim/bugs.list: each must be found
#	BUG=name		with this planted bug
# A run that fails is made short, printed, and written to OUT (default: sim-failed.script).
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
out=${OUT:-sim-failed.script}
seconds=${SECONDS_PER_BUG:-60}
list=$root/tests/sim/bugs.list
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-O2 -g -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers -fno-strict-aliasing
	-D_GNU_SOURCE)
[ -z "${ASAN:-}" ] || flags+=("-fsanitize=address,undefined" -fno-sanitize-recover=undefined)

# Objects of the files in $1 into $2; further arguments are flags.
compile() {
	local from=$1 to=$2 file
	shift 2
	mkdir -p "$to"
	for file in "$from"/*.c; do
		case $file in */shadow.c) continue ;; esac
		${CC:-cc} "${flags[@]}" "$@" -c -o "$to/$(basename "$file" .c).o" "$file"
	done
}

link() {
	local to=$1
	shift
	${CC:-cc} "${flags[@]}" -o "$to" "$@"
}

build() {
	compile tests/sim "$work/sim"
	compile src/core "$work/core"
	link "$work/run" "$work"/sim/*.o "$work"/core/*.o
}

# The core with the change, or the host: $work/bug-NAME
build_bug() {
	local name=$1 file=$2 program=$3 with=$work/with-$1 macro
	mkdir -p "$with"
	if [ "$file" = host ]; then
		macro=SIM_BUG_$(echo "$name" | tr 'a-z-' 'A-Z_')
		grep -q "define $macro 0" tests/sim/planted.h || {
			echo "sim: bug $name: not in planted.h" >&2
			return 2
		}
		compile tests/sim "$with" "-D$macro=1"
		link "$work/bug-$name" "$with"/*.o "$work"/core/*.o
		return
	fi
	cp -r src/core "$with/core"
	sed "$program" "src/core/$file" >"$with/core/$file"
	if cmp -s "src/core/$file" "$with/core/$file"; then
		echo "sim: bug $name: its pattern no longer matches src/core/$file" >&2
		return 2
	fi
	cp "$work"/core/*.o "$with"
	${CC:-cc} "${flags[@]}" -w \
		-c -o "$with/$(basename "$file" .c).o" "$with/core/$file"
	link "$work/bug-$name" "$work"/sim/*.o "$with"/*.o
}

# 0 and a line, if the run ends with a violation in time.
find_bug() {
	local name=$1 how=$2 log=$work/log status=0
	timeout "$seconds" "$work/bug-$name" --seed "${SEED:-1}" --seeds 1000 --steps 40000000 \
		${how:+"$how"} >"$log" 2>&1 || status=$?
	[ $status = 1 ] && grep -q '^sim: seed .*: violation of' "$log"
}

found_words() {
	awk '/: violation of/ { last = $6 } /^sim: found after/ { time = $4 }
		/^(call|return|sleep|signal|fork|birth|exit|pass|apply|check|disable|reverse|force|undo|set|depth|forget|drain|coming|going) / { n++ }
		END { printf "%s after %s s", last, time; if (n) printf ", %d steps when short", n }' "$work/log"
}

try_bug() {
	local name=$1 invariant=$2 blind=$3 file=$4 program=$5 text
	build_bug "$name" "$file" "$program" || return 1
	if ! find_bug "$name" ""; then
		echo "sim: bug $name ($invariant): NOT FOUND in $seconds s"
		return 1
	fi
	text=$(found_words)
	if [ "$blind" = yes ]; then
		if ! find_bug "$name" --blind; then
			echo "sim: bug $name ($invariant): found: $text; by entries alone: NOT FOUND"
			return 1
		fi
		text="$text; by entries alone: $(found_words)"
	fi
	echo "sim: bug $name ($invariant): found: $text"
}

# Calls "$@" with the fields of each bug, or of the one that is named.
each_bug() {
	local wanted=$1 name invariant blind file program any=1 status=0
	shift
	while IFS='|' read -r name invariant blind file program; do
		case $name in '' | '#'*) continue ;; esac
		[ -z "$wanted" ] || [ "$wanted" = "$name" ] || continue
		any=0
		"$@" "$name" "$invariant" "$blind" "$file" "$program" || status=1
	done <"$list"
	[ $any = 0 ] || { echo "sim: no such bug: $wanted" >&2; return 2; }
	return $status
}

build_only() {
	build_bug "$1" "$4" "$5"
}

run=$work/run
build
if [ -n "${BUG:-}" ]; then
	each_bug "$BUG" build_only
	run=$work/bug-$BUG
fi
case ${1:-} in
--bugs)
	each_bug "${2:-}" try_bug
	;;
--long)
	"$run" --seed "${SEED:-1}" --seeds "${SEEDS:-400}" --steps "${STEPS:-10000000}" --out "$out"
	each_bug "" try_bug
	;;
--script)
	"$run" --script "$2" ${TRACE:+--trace}
	;;
--same)
	"$run" --seed "${SEED:-7}" --seeds 1 --steps 20000 --trace >"$work/first"
	setarch -R "$run" --seed "${SEED:-7}" --seeds 1 --steps 20000 --trace >"$work/second" 2>/dev/null ||
		"$run" --seed "${SEED:-7}" --seeds 1 --steps 20000 --trace >"$work/second"
	grep -v ' steps a minute' "$work/first" >"$work/first.trace"
	grep -v ' steps a minute' "$work/second" >"$work/second.trace"
	cmp "$work/first.trace" "$work/second.trace"
	echo "sim: the same seed, the same $(wc -l <"$work/first.trace") lines"
	;;
*)
	if [ -n "${SEED:-}" ]; then
		SEEDS=${SEEDS:-1}
		STEPS=${STEPS:-25000}
	fi
	"$run" --seed "${SEED:-1}" --seeds "${SEEDS:-20}" --steps "${STEPS:-500000}" --out "$out" \
		${TRACE:+--trace}
	;;
esac
