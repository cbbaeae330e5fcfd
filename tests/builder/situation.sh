#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# One situation with one compiler at one level, called by run.sh:
#	situation.sh NAME COMPILER LEVEL reference|expect
# "reference": also compared with the new program, built as such. Status 0: good; 77: it does not
# exist here; else it says what is wrong.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1 compiler=$2 level=$3 compare=$4
situation=$here/$name
DEADLINE=${DEADLINE:-120}
refused_status=1 # of `suture build`
pid=''

fail() {
	echo "$*"
	exit 1
}

skip() {
	echo "skip: $*"
	exit 77
}

suture() {
	timeout --kill-after=5 "$DEADLINE" "$SUTURE" "$@"
}

# What a situation may say in its conf:
functions=''	# exactly these functions are in the patch
either=''	# also good: refused for this reason
gone=''		# files that the diff takes away
targets=victim	# the ELF files to patch
build_options=() # more of `suture build`, which runs in $bin
reference=yes	# no: the new program is nothing without what is added by hand
needs() { :; }	# does this compiler make what the situation is about? In the tree; skip else
installed() { :; } # changes what runs, in $bin
tree_changed() { :; } # changes the tree, after that
applied() { :; } # looks at the patched program, $pid
both() { # FILE PATTERN: for needs()
	nm "$1" | grep -q -- "$2" || skip "$compiler $level makes no $2 here"
}

if [ -e "$situation/conf" ]; then
	# shellcheck disable=SC1091 # one of many
	. "$situation/conf"
fi
[ "$reference" = yes ] || compare=expect

# ---- the projects

cleanup() {
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
	[ -z "$pid" ] || wait "$pid" 2>/dev/null || true
	[ -n "${BUILDER_KEEP:-}" ] || rm -rf "$work"
}

work_make() {
	if [ -n "${BUILDER_KEEP:-}" ]; then
		work=$BUILDER_KEEP/$name.$compiler.${level#-}
		rm -rf "$work"
		mkdir -p "$work"
	else
		work=$(mktemp -d "${TMPDIR:-/tmp}/builder.XXXXXX")
	fi
	trap cleanup EXIT
	bin=$work/bin
	mkdir "$bin"
}

# sources DIR VERSION: what the diff is about. old.c is NAME.c there; new/ holds what differs from
# old/.
sources() {
	local suffix file
	mkdir -p "$1"
	[ ! -d "$situation/old" ] || cp -r "$situation/old/." "$1"
	for suffix in c cc; do
		[ ! -e "$situation/$2.$suffix" ] || cp "$situation/$2.$suffix" "$1/$name.$suffix"
	done
	[ "$2" = new ] || return 0
	[ ! -d "$situation/new" ] || cp -r "$situation/new/." "$1"
	for file in $gone; do
		rm "$1/$file"
	done
}

# project DIR SOURCES: builds them
project() {
	local plus=${compiler/gcc/g++} optimize=$level
	# A stale return address may hold up a sleeping program whose frames count from rbp, which
	# is what all of clang's do at -O0.
	case $compiler$level in
	clang*-O0) optimize+=' -fomit-frame-pointer' ;;
	esac
	mkdir -p "$1"
	cp -r "$2/." "$here"/{frame.c,frame.h,Makefile} "$1"
	[ ! -e "$situation/situation.mk" ] || cp "$situation/situation.mk" "$1"
	printf 'CC = %s\nCXX = %s\nOPT = %s\n' "$compiler" "${plus/clang/clang++}" "$optimize" \
		>"$1/config.mk"
	make_in "$1"
}

make_in() {
	make -C "$1" -s >"$1.log" 2>&1 || { tail -20 "$1.log" && fail "$1 does not build"; }
	[ -z "${BUILDER_CHECK:-}" ] || ! grep -q 'warning:' "$1.log" || { cat "$1.log" && fail "$1 has warnings"; }
}

# install FROM TO: what runs, apart from the tree
install_from() {
	find "$1" -maxdepth 1 \( -name victim -o -name '*.so' \) -exec cp {} "$2" \;
}

make_all() {
	sources "$work/a" old
	sources "$work/b" new
	(cd "$work" && diff -urN a b >fix.patch) || [ $? -eq 1 ]
	[ -s "$work/fix.patch" ] || fail "old and new are the same"
	project "$work/tree" "$work/a"
	[ "$compare" = expect ] || project "$work/reference" "$work/b"
	(cd "$work/tree" && needs)
	install_from "$work/tree" "$bin"
	(cd "$bin" && installed)
	(cd "$work/tree" && tree_changed)
}

# ---- what the programs say

# expect -> lines[], marks[], and what the old, the new, and the old one afterwards answers
expect_read() {
	local line mark rest
	lines=() marks=() old=() new=() after=()
	while IFS= read -r line; do
		case $line in '' | '#'*) continue ;; esac
		mark='='
		case $line in '~ '* | '! '*) mark=${line:0:1} line=${line:2} ;; esac
		rest=${line#* => }
		lines+=("${line%% => *}")
		marks+=("$mark")
		old+=("${rest%% => *}")
		rest=${rest#* => }
		new+=("${rest%% => *}")
		case $rest in *' => '*) after+=("${rest#* => }") ;; *) after+=("${old[-1]}") ;; esac
	done <"$situation/expect"
	[ ${#lines[@]} -gt 0 ] || fail "nothing to expect"
}

# same WHAT INDEX SAID EXPECTED
same() {
	[ "$3" = "$4" ] || fail "$1: '${lines[$2]}' -> '$3', expected '$4'"
}

# told DIR TIMES: what the program in DIR answers when it is sent all lines so many times, in said[]
told() {
	local i
	mapfile -t said < <(cd "$1" && { for ((i = 0; i < $2; i++)); do
		printf '%s\n' "${lines[@]}"
	done; } | timeout "$DEADLINE" ./victim)
	[ "${said[0]:-}" = ready ] || fail "$1/victim does not start"
	said=("${said[@]:1}")
	[ ${#said[@]} -eq $(($2 * ${#lines[@]})) ] ||
		fail "$1/victim gave ${#said[@]} answers to $2 x ${#lines[@]} lines: ${said[*]}"
}

# What the reference, built from new.c, says the second time is what the patched one must say: what
# it counted, it goes on counting. "~": what is new with the fix begins with it; "!": not compared.
reference_check() {
	local i count=${#lines[@]}
	told "$work/reference" 2
	for ((i = 0; i < count; i++)); do
		case ${marks[i]} in
		'=') same "built from new, second time" "$i" "${said[i + count]}" "${new[i]}" ;;
		'~') same "built from new" "$i" "${said[i]}" "${new[i]}" ;;
		esac
	done
}

# Without suture: what the old one says the first time; the third time only if it keeps nothing.
old_check() {
	local i count=${#lines[@]}
	told "$bin" 3
	for ((i = 0; i < count; i++)); do
		same "built from old" "$i" "${said[i]}" "${old[i]}"
		[ "${marks[i]}" != '=' ] ||
			same "built from old, third time" "$i" "${said[i + 2 * count]}" "${after[i]}"
	done
}

victim_start() {
	local line
	mkfifo "$work/in" "$work/out"
	(cd "$bin" && exec ./victim <"$work/in" >"$work/out" 2>"$work/victim.log") &
	pid=$!
	trap '' PIPE # a victim that is gone is seen by its silence
	exec {to}>"$work/in" {from}<"$work/out"
	read -r -t "$DEADLINE" -u "$from" line || fail "the victim does not start"
	[ "$line" = ready ] || fail "the victim says $line"
}

# round WHAT ANSWER...: all lines, once
round() {
	local i line what=$1
	shift
	for ((i = 0; i < ${#lines[@]}; i++)); do
		line=''
		echo "${lines[i]}" >&"$to" || true
		read -r -t "$DEADLINE" -u "$from" line || fail "$what: '${lines[i]}' -> no answer"
		same "$what" "$i" "$line" "$1"
		shift
	done
}

# The victim ends by itself at the end of its input, and well.
victim_end() {
	local line status=0
	exec {to}>&-
	read -r -t "$DEADLINE" -u "$from" line || [ $? -le 128 ] || fail "the victim does not end"
	wait "$pid" || status=$?
	pid=''
	[ $status -eq 0 ] || fail "the victim ends with status $status"
}

# text_same FILE: its code is as in the file
text_same() {
	local range offset start end
	while read -r range offset; do
		start=$((16#${range%-*}))
		end=$((16#${range#*-}))
		cmp <(dd if="/proc/$pid/mem" bs=4096 skip=$((start / 4096)) \
			count=$(((end - start) / 4096)) status=none) \
			<(dd if="$1" bs=4096 skip=$((16#$offset / 4096)) \
				count=$(((end - start) / 4096)) status=none conv=sync) ||
			fail "the text of ${1##*/} is not as it was"
	done < <(awk -v file="$1" '$6 == file && $2 ~ /x/ { print $1, $3 }' "/proc/$pid/maps")
}

# ---- suture

# Names, sizes and times of the tree, which is never changed.
tree_state() {
	find "$work/tree" -printf '%P %y %s %T@\n' | sort
}

fix_build() {
	local target file arguments=() before
	for target in $targets; do
		arguments+=(--target "$target")
	done
	for file in "$situation"/add*.c; do
		[ ! -e "$file" ] || arguments+=(--add "$file")
	done
	before=$(tree_state)
	built=0
	(cd "$bin" && CC=$compiler suture build --source ../tree --patch ../fix.patch "${arguments[@]}" \
		"${build_options[@]}" -o ../fix.lp "$@") \
		>"$work/build.out" 2>"$work/build.err" || built=$?
	[ "$before" = "$(tree_state)" ] || fail "the tree was changed"
}

# The file refused: the reason (several: any of them), then pieces of the message.
refused_check() {
	local reasons piece reason found=''
	[ $built -eq $refused_status ] || { cat "$work/build.err" && fail "status $built, expected $refused_status (refused)"; }
	[ ! -e "$work/fix.lp" ] || fail "refused, and there is a .lp"
	reasons=$(head -1 "$situation/refused")
	for reason in $reasons; do
		! grep -q -- "($reason)\$" "$work/build.err" || found=$reason
	done
	[ -n "$found" ] || { cat "$work/build.err" && fail "it does not say ($reasons)"; }
	while IFS= read -r piece; do
		grep -qF -- "$piece" "$work/build.err" ||
			{ cat "$work/build.err" && fail "the message has no \"$piece\""; }
	done < <(tail -n +2 "$situation/refused")
	fix_build --json
	[ $built -eq $refused_status ] || fail "with --json: status $built"
	jq -e --arg reason "$found" 'any(.reasons[]; .reason == $reason and (.message | length) > 0)' \
		"$work/build.out" >/dev/null || { cat "$work/build.out" && fail "no $found in JSON"; }
}

# Where a situation may be refused as well: whether it was.
refused_either() {
	[ $built -eq $refused_status ] || return 1
	# without alignment some functions have no room for a jump that is written at once
	case $level in
	-O0 | -Os) ! grep -q '(function-too-short)$' "$work/build.err" || return 0 ;;
	esac
	[ -n "$either" ] || return 1
	[ "$either" = any ] || grep -q -- "($either)\$" "$work/build.err" ||
		{ cat "$work/build.err" && fail "it does not say ($either)"; }
	[ ! -e "$work/fix.lp" ] || fail "refused, and there is a .lp"
	echo "note: refused, which is good too"
}

functions_check() {
	local found
	[ -n "$functions" ] || return 0
	found=$(jq -r '.objects[].functions[].name' <<<"$info" | sort | xargs)
	[ "$found" = "$functions" ] || fail "in the patch: $found; expected: $functions"
}

victim_check() {
	local target info patch
	info=$(suture info "$work/fix.lp" --json)
	patch=$(jq -r .name <<<"$info")
	functions_check
	victim_start
	round "before" "${old[@]}"
	suture apply "$work/fix.lp" --pid "$pid" || fail "apply: status $?"
	round "patched" "${new[@]}"
	applied
	suture disable "$patch" --pid "$pid" || fail "disable: status $?"
	round "afterwards" "${after[@]}"
	for target in "$bin"/*; do
		text_same "$target"
	done
	victim_end
}

work_make
make_all
expect_read
[ "$compare" = expect ] || reference_check
if [ -n "${BUILDER_CHECK:-}" ]; then
	old_check
	exit 0
fi
fix_build
if [ -e "$situation/refused" ]; then
	refused_check
elif ! refused_either; then
	[ $built -eq 0 ] || { cat "$work/build.err" && fail "suture build: status $built"; }
	victim_check
fi
