#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A program and its library, further apart than a direct reference reaches: the code of one patch lies
# near both.
load helpers2

setup_case() {
	library_of apart_library
	victim_of apart "${kind[@]}" -L"$work" -Wl,--no-as-needed \
		-lapart_library -Wl,-rpath,"$work"
	victim_start
}

kind=(-fPIE -pie)

apart_fix() {
	fix_of apart --target "$work/libapart_library.so"
}

# Where FILE begins in the process, and where each mapping of patched code does.
begin_of() {
	awk -v file="$1" '$6 == file { sub(/-.*/, "", $1); print $1; exit }' "/proc/$pid/maps"
}

code_of_patches() {
	awk '$6 ~ /suture-code/ { sub(/-.*/, "", $1); print $1 }' "/proc/$pid/maps"
}

# FILE: some code of a patch is within 2 GiB of it
has_code_near() {
	local start code distance
	start=$((16#$(begin_of "$1")))
	for code in $(code_of_patches); do
		distance=$((16#$code - start))
		[ ${distance#-} -ge $((2 << 30)) ] || return 0
	done
	return 1
}

@test "private data of both, reached directly" {
	apart_fix
	[ "$(readelf -SW "$work/apart.lp" | grep -c ' \.eh_frame ')" -eq 2 ]
	victim_says call "1 2"
	suture apply "$work/apart.lp" --pid "$pid"
	victim_says call "101 2202"
	victim_says call "103 3204"
	has_code_near "$victim"
	has_code_near "$work/libapart_library.so"
	suture disable apart --pid "$pid"
	victim_says call "1 2"
	text_same "$victim"
	text_same "$work/libapart_library.so"
	suture detach --pid "$pid"
	victim_says call "1 2"
}

@test "nothing is left" {
	apart_fix
	victim_says call "1 2"
	snapshot before
	suture apply "$work/apart.lp" --pid "$pid"
	suture disable apart --pid "$pid"
	suture detach --pid "$pid"
	snapshot after
	snapshot_same
}

@test "a thread in the library's new function holds up the way back" {
	apart_fix
	suture apply "$work/apart.lp" --pid "$pid"
	victim_says wait waiting
	suture disable apart --pid "$pid" --no-wait
	wait_status '.transition.blockers | length > 0'
	status_get
	reply '[.transition.blockers[].reason]' '["on-stack"]'
	victim_says wake 2201
	wait_status '.transition == null and .patches == []'
	victim_says call "1 2"
	suture detach --pid "$pid"
}

@test "and below the old one the way there" {
	apart_fix
	victim_says wait waiting
	apply_no_wait apart
	wait_status '.transition.blockers | length > 0'
	victim_says wake 2
	wait_status '.transition == null'
	victim_says call "101 2202"
}

@test "backtraces pass through both" {
	local depth
	apart_fix
	depth=$(victim_ask depth)
	suture apply "$work/apart.lp" --pid "$pid"
	victim_says depth "$depth"
}

@test "applied and taken out again and again" {
	local i
	apart_fix
	for i in 1 2 3 4 5; do
		suture apply "$work/apart.lp" --pid "$pid"
		victim_says call "101 2202"
		suture disable apart --pid "$pid"
		victim_says call "1 2"
	done
	suture detach --pid "$pid"
}

@test "one function that needs both directly: refused when it is made" {
	fix_refused bad-patch apart --target "$work/libapart_library.so" --cflags -DMIXED
	reply '.reasons[0].message | contains("split the patch in two")' true
}

@test "a program at a fixed address" {
	local kind=(-fno-pie -no-pie)
	setup_case
	apart_fix
	suture apply "$work/apart.lp" --pid "$pid"
	victim_says call "101 2202"
	has_code_near "$victim"
	has_code_near "$work/libapart_library.so"
	suture disable apart --pid "$pid"
	victim_says call "1 2"
}
