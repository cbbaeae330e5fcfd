#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions in programs and shared objects of all kinds, with replacements that use their data.
load helpers2

# The program alone, compiled with these flags.
program_alone() {
	victim_of object "$@"
	fix_of object
	victim_start
	victim_says call "1 1"
	suture apply "$work/object.lp" --pid "$pid"
	victim_says call "101 11"
	victim_says call "102 21"
	suture disable object --pid "$pid"
	victim_says call "1 22"
	text_same "$victim"
	suture detach --pid "$pid"
	victim_says call "1 23"
}

# The program with its library, which is there now.
program_and_library() {
	fix_of object --cflags "-DOUTSIDE $*" --target "$work/liboutside.so"
	victim_says call "1 2 1 1"
	suture apply "$work/object.lp" --pid "$pid"
	status_get
	reply '[.patches[0].objects[] | [.name, .patched]]' \
		'[[null,true],["liboutside.so",true]]'
	victim_says call "101 202 11 11"
	victim_says call "103 204 21 21"
	suture disable object --pid "$pid"
	victim_says call "1 2 22 22"
	text_same "$victim"
	text_same "$work/liboutside.so"
	suture detach --pid "$pid"
	victim_says call "1 2 23 23"
}

elf_type() {
	readelf -h "$victim" | awk '$1 == "Type:" { print $2 }'
}

@test "a position-independent program" {
	program_alone -fPIE -pie
	[ "$(elf_type)" = DYN ]
}

@test "a program at a fixed address" {
	program_alone -fno-pie -no-pie
	[ "$(elf_type)" = EXEC ]
}

@test "a program with all symbols bound at start, and one with none" {
	program_alone -Wl,-z,now -Wl,-z,relro
	program_alone -Wl,-z,lazy -Wl,-z,norelro
}

@test "not optimised" {
	program_alone -O0
}

@test "with endbr64 at each entry" {
	program_alone -fcf-protection=full
	objdump -d --no-show-raw-insn "$victim" | grep -A1 '<inside>:' | grep -q endbr64
}

@test "with room for a jump at each entry: patchable, and the one of ftrace" {
	program_alone -fpatchable-function-entry=5
	program_alone -fpatchable-function-entry=16,11 -fcf-protection=full
	program_alone -pg -mfentry -mnop-mcount -fno-pie -no-pie
}

@test "compiled by clang" {
	command -v clang >/dev/null || skip "there is no clang"
	clang -O2 -g -Wl,--build-id -I"$victims_dir" \
		-o "$work/other" "$victims_dir/object.c" -pthread
	victim=$work/other
	fix_of object
	victim_start
	suture apply "$work/object.lp" --pid "$pid"
	victim_says call "101 10"
	suture disable object --pid "$pid"
	victim_says call "1 11"
}

@test "a shared object that the program is linked with" {
	library_of outside
	victim_of object -DLINKED -L"$work" -Wl,--no-as-needed -loutside -Wl,-rpath,"$work"
	victim_start
	program_and_library -DCOPIED
}

@test "a shared object that it loaded later" {
	library_of outside
	victim_of object -DDLOPEN
	victim_start
	victim_says "open $work/liboutside.so" opened
	program_and_library
}

@test "an object that is not there: refused" {
	library_of outside
	victim_of object -DDLOPEN
	fix_of object --cflags -DOUTSIDE --target "$work/liboutside.so"
	victim_start
	snapshot before
	refused_with no-such-object apply "$work/object.lp" --pid "$pid"
	snapshot after
	snapshot_same
	victim_says call "1 1"
}

@test "a public variable that the program has a copy of: both objects mean the program's" {
	library_of outside
	victim_of object -DLINKED -L"$work" -Wl,--no-as-needed -loutside -Wl,-rpath,"$work"
	readelf -rW "$victim" | grep -q 'R_X86_64_COPY.*outside_runs'
	suture pack "$fixes_dir/outside.c" --target "$work/liboutside.so" -o "$work/outside.lp"
	victim_start
	victim_says call "1 2 1 1"
	suture apply "$work/outside.lp" --pid "$pid"
	victim_says call "1 11 2 11"
}
