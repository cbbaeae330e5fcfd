#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files that are no patch, or no longer: refused with bad-file, and the process does not notice.
# (tests/unit/test_patch_file.c goes through every field, every byte and every length.)
load helpers2

setup_case() {
	victim_build victim.c
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
	gcc -O2 -g -Wall -D_GNU_SOURCE -o "$work/spoil" "$victims_dir/spoil.c"
	victim_start
	victim_says call 11
	suture attach --pid "$pid"
	snapshot before
}

# MODE N: the patch spoilt in this way is refused
refuses() {
	"$work/spoil" "$1" "$2" <"$work/fix.lp" >"$work/bad.lp"
	refused_with bad-file apply "$work/bad.lp" --pid "$pid" || { echo "$1 $2"; return 1; }
}

is_unharmed() {
	snapshot after
	snapshot_same
	text_same "$victim"
	victim_says call 11
	# and it is not the fault of the process
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 12
	suture disable fix --pid "$pid"
	victim_says call 11
}

@test "cut off" {
	local size
	size=$(stat -c %s "$work/fix.lp")
	for n in 0 1 4 16 63 64 65 $((size - 1)); do
		refuses cut "$n"
	done
	for n in {1..15}; do
		refuses cut $((size * n / 16))
	done
	is_unharmed
}

@test "bytes by chance" {
	for n in {1..20}; do
		refuses random "$n"
	done
	is_unharmed
}

@test "a field of the ELF header is wrong" {
	# magic, class, byte order, version; type, machine, version; sections: where, how large, how
	# many, the names
	for n in 0 1 2 3 4 5 6 16 17 18 19 20 40 44 58 60 61 62; do
		refuses flip "$n"
	done
	is_unharmed
}

@test "a field of the description is wrong" {
	# magic, version, size, unknown flags, name and description; then the offset and the number of
	# entries of each table
	for n in 0 7 8 11 12 15 19 22 23 27; do
		refuses info "$n"
	done
	for n in {0..9}; do
		refuses info $((40 + 8 * n + 2))
		refuses info $((40 + 8 * n + 6))
	done
	is_unharmed
}

@test "no file at all: a directory, a device that never ends, a pipe" {
	mkfifo "$work/pipe"
	exec {hold}<>"$work/pipe"
	for file in "$work" /dev/zero /dev/null "$work/pipe"; do
		run suture apply "$file" --pid "$pid"
		[ "$status" -eq 1 ] || [ "$status" -eq 3 ]
		[[ "$output" == "suture: "* ]]
	done
	exec {hold}>&-
	is_unharmed
}

@test "a process without an agent: it does not get one" {
	suture detach --pid "$pid"
	snapshot before
	for n in 64 1000; do
		refuses cut "$n"
	done
	for n in 1 2 3; do
		refuses random "$n"
	done
	is_unharmed
}
