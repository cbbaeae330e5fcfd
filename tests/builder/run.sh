#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The situations of `suture build`, a folder each: see README.md. Speaks TAP.
#
#	run.sh [NAME...]			gcc -O2, and for some of them another combination
#	BUILDER_FULL=1 run.sh [NAME...]		gcc and clang at -O0, -O2, -O3 and -Os
#	run.sh --cc clang-14 --opt -O3 NAME	this combination only
#	run.sh --check ...			without suture: both versions answer as expected
#	run.sh --keep DIR ...			what was made stays in DIR/NAME.COMPILER.LEVEL
#	run.sh --jobs N ...			so many at once; 1 unless told
#	run.sh --list				the names
#
# BUILDER_ROTATE: a number; which other combinations the short form takes. The day by default.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
SUTURE=${SUTURE:-$here/../../${BUILD:-build}/src/suture}
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS MAKEFLAGS MFLAGS MAKELEVEL
export LC_ALL=C

# The first of these commands that is there.
first_of() {
	local one
	for one; do
		! command -v "$one" >/dev/null || { echo "$one" && return; }
	done
}

# The compilers "gcc" and "clang" of a conf.
compiler_of() {
	case $1 in
	gcc) first_of gcc-12 gcc ;;
	clang) first_of clang-14 clang ;;
	*) echo "$1" ;;
	esac
}

list() {
	local folder
	for folder in "$here"/*/; do
		[ ! -e "${folder}expect" ] || basename "$folder"
	done
}

# The lines "COMPILER LEVEL" in which a situation exists; the first is the one of the short form.
combinations() {
	local compiler level compilers='gcc clang' levels='-O2 -O0 -O3 -Os'
	# shellcheck disable=SC1090 # one of many
	[ ! -e "$here/$1/conf" ] || . "$here/$1/conf"
	for compiler in $compilers; do
		[ -z "$one_cc" ] || [[ $one_cc == *$compiler* ]] || continue
		compiler=${one_cc:-$(compiler_of "$compiler")}
		[ -n "$compiler" ] || continue
		for level in $levels; do
			[ -n "$one_opt" ] && [ "$one_opt" != "$level" ] || echo "$compiler $level"
		done
	done
}

# The lines "NAME COMPILER LEVEL COMPARE" of this run. Of the short form, an eighth of the situations
# gets another combination too, each day others; and only those are compared with the reference.
plan() {
	local name turn all
	for name; do
		[ -e "$here/$name/expect" ] || { echo "no situation $name" >&2; exit 1; }
		mapfile -t all < <(combinations "$name")
		[ ${#all[@]} -gt 0 ] || continue
		if [ -n "${BUILDER_FULL:-}${BUILDER_CHECK:-}$one_cc$one_opt" ]; then
			[ -n "${BUILDER_FULL:-}$one_cc$one_opt" ] || all=("${all[0]}")
			printf "$name %s reference\n" "${all[@]}"
			continue
		fi
		turn=$(($(cksum <<<"$name" | cut -d' ' -f1) + ${BUILDER_ROTATE:-$(date +%s) / 86400}))
		turn=$((turn % (8 * ${#all[@]})))
		if [ $turn -ge ${#all[@]} ]; then
			echo "$name ${all[0]} expect"
		else
			printf "$name %s reference\n" "${all[0]}"
			[ $turn -eq 0 ] || echo "$name ${all[turn]} reference"
		fi
	done
}

# One line of TAP, with what was said if it is not ok; in one piece, others write too.
report() {
	local title="$1 $2 $3" said status=0
	said=$("$here/situation.sh" "$@" 2>&1) || status=$?
	case $status in
	0) printf 'ok - %s%s\n' "$title" "$(sed -n 's/^note: / # /p' <<<"$said")" ;;
	77) printf 'ok - %s # SKIP %s\n' "$title" "${said##*skip: }" ;;
	*) printf 'not ok - %s\n%s\n' "$title" "# ${said//$'\n'/$'\n# '}" ;;
	esac
	[ $status -eq 0 ] || [ $status -eq 77 ]
}

one_cc='' one_opt='' jobs=1 names=()
while [ $# -gt 0 ]; do
	case $1 in
	--cc) one_cc=$2 && shift ;;
	--opt) one_opt=$2 && shift ;;
	--check) export BUILDER_CHECK=1 ;;
	--keep) mkdir -p "$2" && BUILDER_KEEP=$(realpath "$2") && export BUILDER_KEEP && shift ;;
	--jobs) jobs=$2 && shift ;;
	--list) list && exit ;;
	--report) shift && report "$@" && exit || exit 1 ;; # a child of ours, see below
	-*) sed -n '3,/^[^#]/s/^#//p' "$0" >&2 && exit 2 ;;
	*) names+=("$1") ;;
	esac
	shift
done
if [ ! -x "$SUTURE" ] && [ -z "${BUILDER_CHECK:-}" ]; then
	echo "Bail out! $SUTURE is missing" && exit 1
fi
export SUTURE
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(list)
mapfile -t runs < <(plan "${names[@]}")
[ ${#runs[@]} -gt 0 ] || { echo "1..0 # SKIP no such compiler" && exit 0; }
echo "1..${#runs[@]}"
result=0
printf '%s\n' "${runs[@]}" | xargs -P "$jobs" -L 1 "$0" --report || result=1
exit $result
