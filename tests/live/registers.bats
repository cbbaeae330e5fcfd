#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# With -fipa-ra a caller keeps values in caller-saved registers across a call of a function that does
# not touch them. Neither the stubs, nor the slow path, nor the replacement may do so.
load helpers2

# The instructions of one function of $victim.
code_of() {
	objdump -d --no-show-raw-insn "$victim" | sed -n "/<$1>:/,/^\$/p"
}

# The registers that it reads behind its call, without having written to them since.
kept_across_call() {
	code_of "$1" | sed '1,/call/d' | grep -oE '%(rcx|rdx|rsi|r8|r9|xmm[0-7])' | sort -u |
		paste -sd' '
}

# Values on the stack or in callee-saved registers instead.
saves_something() {
	code_of "$1" | sed '/call/,$d' | grep -qE 'push|,-?(0x[0-9a-f]+)?\(%rsp\)'
}

values() {
	victim_says integers "$((654320 + $1))"
	victim_says vectors 1793.5
}

@test "the compiler did it: no value is saved, and they are used behind the call" {
	victim_of registers
	for register in %rcx %rdx %rsi %r8 %r9; do
		[[ " $(kept_across_call integers) " == *" $register "* ]]
	done
	for register in %xmm{0..7}; do
		[[ " $(kept_across_call vectors) " == *" $register "* ]]
	done
	run ! saves_something integers
	run ! saves_something vectors
	# and not without that optimisation
	victim_of registers -fno-ipa-ra
	saves_something integers
	saves_something vectors
}

@test "the values survive the replaced call: settled, slow path, stub of a transition" {
	victim_of registers
	run -0 --separate-stderr fix_of registers
	[[ "$stderr" == *"flat_leaf gets a wrapper"* && "$stderr" == *"leaf gets a wrapper"* ]]
	victim_start
	values 4
	suture apply "$work/registers.lp" --pid "$pid"
	values 5
	suture disable registers --pid "$pid"
	values 4
	victim_says hold holding
	apply_no_wait registers
	wait_switched_but 1
	values 5
	values 5
	suture reverse --pid "$pid"
	values 4
	values 4
	victim_says release released
	text_same "$victim"
	values 4
}

@test "the same in a thread that asks all the time" {
	victim_of registers
	fix_of registers
	victim_start
	victim_says work working
	for _ in {1..10}; do
		suture apply "$work/registers.lp" --pid "$pid"
		values 5
		suture disable registers --pid "$pid"
		values 4
	done
	victim_says rest 0
}
