#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Which function is meant: private ones, several of one name, several names of one function.
load helpers2

setup_case() {
	victim_of symbols "$victims_dir/symbols2.c"
	find_order
}

# Symbol-table order is the linker's. $first and $second: which command calls the function at that
# position, and what it answers unpatched.
find_order() {
	local files
	files=$(readelf -sW "$victim" | awk '$4 == "FILE" { file = $8 } $8 == "secret" { print file }')
	case ${files//$'\n'/ } in
	"symbols.c symbols2.c") first=(here 1) second=(there 2) ;;
	"symbols2.c symbols.c") first=(there 2) second=(here 1) ;;
	*) return 1 ;;
	esac
}

says() {
	victim_says "${first[0]}" $((first[1] + $1))
	victim_says "${second[0]}" $((second[1] + $2))
}

@test "two private functions of one name: refused without a position" {
	fix_refused symbol-ambiguous symbols --cflags -DFIRST=0
	[[ "$output" == *secret* ]]
}

@test "the first one, the second one, both" {
	fix_of symbols --cflags -DFIRST=1
	victim_start
	suture apply "$work/symbols.lp" --pid "$pid"
	says 100 0
	suture disable symbols --pid "$pid"

	fix_of symbols --cflags -DSECOND=2
	suture apply "$work/symbols.lp" --pid "$pid"
	says 0 1000
	suture disable symbols --pid "$pid"

	fix_of symbols --cflags "-DFIRST=1 -DSECOND=2"
	suture apply "$work/symbols.lp" --pid "$pid"
	status_get
	reply '[.patches[0].objects[0].functions[] | [.name, .sympos]]' \
		'[["secret",1],["secret",2]]'
	says 100 1000
	suture disable symbols --pid "$pid"
	says 0 0
	text_same "$victim"
}

@test "a position that does not exist: refused" {
	fix_refused no-such-symbol symbols --cflags -DFIRST=3
}

@test "a stripped program, its symbols in a separate file" {
	objcopy --only-keep-debug "$victim" "$work/victim.debug"
	strip "$victim"
	fix_refused no-such-symbol symbols --cflags -DFIRST=1
	fix_of symbols --cflags -DFIRST=1 --debug-file "$work/victim.debug"
	victim_start
	suture apply "$work/symbols.lp" --pid "$pid"
	says 100 0
}

@test "two names of one function: refused unless both get the same replacement" {
	[ "$(nm "$victim" | awk '$3 == "answer" || $3 == "same" { print $1 }' | uniq | wc -l)" -eq 1 ]
	fix_refused aliased-function alias --cflags -DANSWER=lp_two
	fix_refused aliased-function alias --cflags -DSAME=lp_two
	fix_refused aliased-function alias --cflags "-DANSWER=lp_two -DSAME=lp_three"
	fix_of alias --cflags "-DANSWER=lp_two -DSAME=lp_two"
	victim_start
	victim_says alias "11 11"
	suture apply "$work/alias.lp" --pid "$pid"
	victim_says alias "2 2"
	suture disable alias --pid "$pid"
	victim_says alias "11 11"
	text_same "$victim"
}
