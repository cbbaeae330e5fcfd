#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The core is freestanding: all of it together needs memcpy, memset and memcmp, and nothing else.
# Usage: check-core-symbols.sh [OBJECT-OR-ARCHIVE...]   Prints what else it needs and exits 1.
# Without arguments: the objects that are in the agent of the build, which are never instrumented
# (sanitizers and coverage add calls of their own); without a build: compiled here.
set -eu
root=${LP_SOURCE_ROOT:-$(dirname "$0")/..}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ $# -eq 0 ]; then
	for source in "$root"/src/core/*.c; do
		object=${LP_BUILD_ROOT:-}/src/suture-agent.so.p/core_$(basename "$source").o
		if [ ! -e "$object" ]; then
			object=$scratch/$(basename "$source").o
			${CC:-cc} -std=gnu11 -O2 -c -o "$object" "$source"
		fi
		set -- "$@" "$object"
	done
fi

ld -r --whole-archive -o "$scratch/core.o" "$@" ||
	{ echo "check-core-symbols: the objects cannot be combined" >&2; exit 1; }
nm --defined-only "$scratch/core.o" > "$scratch/defined"
grep -q ' [Tt] lp_core_apply$' "$scratch/defined" ||
	{ echo "check-core-symbols: this is not the core: lp_core_apply is missing" >&2; exit 1; }
nm -u "$scratch/core.o" > "$scratch/undefined"
bad=0
while read -r type symbol; do
	case $symbol in
	memcpy|memset|memcmp) ;;
	*)
		users=$(nm -A -u "$@" | sed -n "s/^\(.*\):  *[UwvV] $symbol\$/\1/p" | tr '\n' ' ')
		echo "core needs $symbol ($type): $users"
		bad=1 ;;
	esac
done < "$scratch/undefined"
# writable data would be shared by all cores of a process: the state is in struct lp_core
objdump -t "$scratch/core.o" |
	awk 'NF > 4 && $(NF - 1) ~ /[1-9a-f]/ && $(NF - 2) ~ /^\.t?(data|bss)/ &&
	     $(NF - 2) !~ /^\.data\.rel\.ro/ { print "core has writable data: " $NF; bad = 1 }
	     END { exit bad }' || bad=1
exit $bad
