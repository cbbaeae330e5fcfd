#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Processes that cannot be patched: one clear error each, and nothing is changed. Hardened ones that
# can.
load helpers2

setup_case() {
	victim_of target
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
}

# REASON [ARGUMENT...]: the victim, started with these arguments, is refused for this reason
refuses() {
	local reason=$1
	shift
	victim_start "$@"
	victim_says call 1
	refuses_this "$reason"
	victim_says call 1
}

refuses_this() {
	snapshot before
	refused_with "$1" apply "$work/fix.lp" --pid "$pid"
	refused_with "$1" attach --pid "$pid"
	snapshot after
	snapshot_same
	text_same "$victim"
}

on_and_off() {
	snapshot before
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 2
	[ $# -eq 0 ] || victim_says last 2
	suture disable fix --pid "$pid"
	victim_says call 1
	suture detach --pid "$pid"
	snapshot after
	snapshot_same
	victim_says call 1
}

# From now on the victim is a process of nobody.
under_nobody() {
	chmod a+rx "$work" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$victim"
	victim_under setpriv --reuid=65534 --regid=65534 --clear-groups
}

number_of() {
	local name
	for name; do
		printf '#include <sys/syscall.h>\nSYS_%s\n' "$name" | gcc -E -P - | tail -1
	done
}

@test "strict seccomp mode" {
	refuses unsupported-target strict
}

@test "a filter that kills for what the agent needs" {
	# shellcheck disable=SC2046 # a list of numbers
	for name in socketpair memfd_create membarrier mprotect; do
		refuses unsupported-target kill $(number_of $name)
		[[ "$stderr" == *"$name"* ]]
	done
	# shellcheck disable=SC2046
	refuses unsupported-target kill $(number_of clone clone3)
}

@test "a filter that denies what the agent needs" {
	# shellcheck disable=SC2046
	for name in socketpair memfd_create; do
		refuses unsupported-target deny $(number_of $name)
		[[ "$stderr" == *"$name"* ]]
	done
}

@test "a hardened service: a filter that denies what services do not need" {
	# shellcheck disable=SC2046
	victim_start deny $(number_of ptrace process_vm_readv process_vm_writev perf_event_open \
		mount umount2 pivot_root chroot kexec_load init_module reboot bpf userfaultfd \
		pidfd_getfd unshare setns personality)
	on_and_off
}

@test "the same with a thread that computes" {
	# shellcheck disable=SC2046
	victim_start deny $(number_of ptrace process_vm_readv process_vm_writev unshare)
	victim_says compute computing
	on_and_off computing
}

@test "a thread that may ask nothing of the kernel, in a process that may" {
	victim_start
	victim_says sandbox computing
	on_and_off computing
}

@test "memory that is written and executed is forbidden" {
	victim_start deny-wx
	victim_says compute computing
	on_and_off computing
	text_same "$victim"
}

@test "a process that may not be dumped" {
	victim_start undumpable
	victim_says compute computing
	on_and_off computing
}

@test "a process that may not look at itself" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	under_nobody
	refuses unsupported-target undumpable
	[[ "$stderr" == *"/proc"* ]]
}

@test "a process of another user" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	victim_start
	snapshot before
	# who may read every file, so that the command is found wherever it was built, and nothing else
	run -1 setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,+dac_read_search \
		--ambient-caps=-all,+dac_read_search timeout "$DEADLINE" "$SUTURE" attach --pid "$pid"
	[[ "$output" == *"(no-permission)"* ]]
	snapshot after
	snapshot_same
	victim_says call 1
}

@test "a static program" {
	victim_of target -static
	refuses_static() {
		snapshot before
		refused_with unsupported-target attach --pid "$pid"
		snapshot after
		snapshot_same
	}
	victim_start
	refuses_static
	victim_says call 1
}

@test "a process that is traced" {
	victim_start
	beside tracer "$pid"
	refuses_this traced
	victim_says call 1
}

@test "a stopped process" {
	victim_start
	kill -STOP "$pid"
	refuses_this unsupported-target
	kill -CONT "$pid"
	victim_says call 1
}

@test "no such process, a thread, one that has ended" {
	local task
	refused_with no-such-process apply "$work/fix.lp" --pid 4194303
	victim_start
	victim_says compute computing
	for task in /proc/"$pid"/task/*; do
		[ "${task##*/}" = "$pid" ] ||
			refused_with no-such-process apply "$work/fix.lp" --pid "${task##*/}"
	done
	victim_says call 1
	# a zombie: it ends when its parent has become a program that does not wait for it
	mkfifo "$work/go"
	(read -r <"$work/go" & echo $! >"$work/zombie"; exec sleep 60) &
	victims+=($!)
	until [ "$(cat "/proc/$!/comm")" = sleep ]; do :; done
	echo >"$work/go"
	until [ "$(awk '{ print $3 }' "/proc/$(cat "$work/zombie")/stat")" = Z ]; do :; done
	refused_with no-such-process apply "$work/fix.lp" --pid "$(cat "$work/zombie")"
}

@test "a thread of the kernel" {
	[ "$(cat /proc/2/comm 2>/dev/null)" = kthreadd ] || skip "none is seen from here"
	refused_with unsupported-target attach --pid 2
}
