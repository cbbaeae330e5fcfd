#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Where commands write to: the file that pack makes, and what stdout is.
load helpers

setup_case() {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
}

pack_to() {
	suture pack "$work/fix.c" --target "$victim" -o "$@"
}

# device NAME MINOR: a device of the memory's here, never the one in /dev
device() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	mknod "$work/$1" c 1 "$2" && (: >"$work/$1") 2>/dev/null || skip "no devices here"
}

@test "pack to /dev/null: made, and the device stays one" {
	device null 3
	run -0 pack_to "$work/null"
	[ -c "$work/null" ]
}

@test "pack to /dev/full: what went wrong is told" {
	device full 7
	run -3 pack_to "$work/full"
	[ -c "$work/full" ]
	[[ "$output" == *"$work/full: No space left on device (system)"* ]]
}

@test "pack to a pipe: the patch comes out of it" {
	local size
	size=$(stat -c %s "$work/fix.lp")
	mkfifo "$work/pipe"
	exec {hold}<>"$work/pipe"
	run -0 pack_to "$work/pipe"
	[ -p "$work/pipe" ]
	timeout "$DEADLINE" head -c "$size" <&"$hold" >"$work/came.lp"
	exec {hold}>&-
	cmp "$work/came.lp" "$work/fix.lp"
}

@test "pack to a link: the file that it leads to is made anew" {
	mkdir "$work/far"
	echo old >"$work/far/real.lp"
	ln -s far/real.lp "$work/link.lp"
	ln -s far/new.lp "$work/dangling.lp"
	for name in link dangling; do
		run -0 pack_to "$work/$name.lp"
		[ -L "$work/$name.lp" ]
	done
	cmp "$work/far/real.lp" "$work/fix.lp"
	cmp "$work/far/new.lp" "$work/fix.lp"
	# on failure it stays as it was, and nothing is left beside it
	echo wrong >"$work/fix.c"
	run -1 pack_to "$work/link.lp"
	cmp "$work/far/real.lp" "$work/far/new.lp"
	[ "$(ls "$work/far")" = "new.lp
real.lp" ]
}

@test "pack to a directory: refused as such" {
	mkdir "$work/directory"
	run -3 pack_to "$work/directory"
	[[ "$output" == *"$work/directory: Is a directory (system)"* ]]
}

@test "no place for temporary files: told which" {
	export TMPDIR=$work/none
	run -3 pack_to "$work/new.lp"
	[ "$output" = "suture: no directory can be made in $work/none: No such file or directory (system)" ]
	run -3 suture build --source "$work" --patch "$work/fix.patch" --target "$victim" -o "$work/new.lp"
	[ "$output" = "suture: no directory can be made in $work/none: No such file or directory (system)" ]
}

# full COMMAND...: its report goes to a full disk
full() {
	suture "$@" 2>&1 >/dev/full
}

@test "a report that cannot be written: status 3, and told on stderr" {
	for command in info pack apply status; do
		for option in --help --version; do
			run -3 full "$command" "$option"
			[ "$output" = "suture: standard output could not be written (system)" ]
		done
	done
	for option in --help --version; do
		run -3 full "$option"
		[ "$output" = "suture: standard output could not be written (system)" ]
	done
	run -3 full info "$work/fix.lp"
	[ "$output" = "suture: standard output could not be written (system)" ]
	# what was refused stays so
	run -1 full info "$work/fix.c" --json
}

@test "status --watch ends when nobody reads it" {
	victim_start
	suture apply "$work/fix.lp" --pid "$pid"
	for option in --json ''; do
		# shellcheck disable=SC2086 # no option at all
		run -3 bash -c 'set -o pipefail; timeout "$0" "$@" | head -1' "$DEADLINE" \
			"$SUTURE" status --pid "$pid" --watch $option
	done
}
