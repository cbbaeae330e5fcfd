#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Processes that see other files than we do, other process numbers, or no /proc at all.
load helpers2

setup_case() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	victim_build victim.c
	program=$victim
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
}

# No descriptor that the process has by now leads to our /proc, and on from there.
no_way_out() {
	local fd
	for fd in "/proc/$pid/fd/"*; do
		[ ! -e "$fd/../version" ] && [ ! -e "$fd/../../version" ] && [ ! -e "$fd/version" ]
	done
}

on_and_off() {
	victim_says call 11
	victim_ask "threads 20"
	snapshot before
	suture apply "$work/fix.lp" --pid "$pid"
	no_way_out
	victim_says call 12
	status_get
	reply '.patches[0].enabled' true
	suture disable fix --pid "$pid"
	victim_says call 11
	suture detach --pid "$pid"
	snapshot after
	snapshot_same
	victim_says call 11
}

# A directory with the program and its libraries, and nothing else.
make_root() {
	local file
	mkdir -p "$work/root"
	for file in $(ldd "$program" | grep -oE '/[^ ]+'); do
		mkdir -p "$work/root${file%/*}"
		cp "$file" "$work/root$file"
	done
	cp "$program" "$work/root/program"
}

# under TEXT: the victim is started by this piece of shell, which ends with exec
under() {
	printf '#!/bin/bash\n%s\n' "$1" >"$work/under"
	chmod +x "$work/under"
	victim=$work/under
}

@test "no more descriptors than it needs" {
	victim_start
	suture attach --pid "$pid"
	no_way_out
	run -1 sh -c "ls -l /proc/$pid/fd | grep /proc"
}

# Another user must not be able to keep us out.
@test "somebody has locked the process's directory" {
	local deadline=$((SECONDS + DEADLINE))
	victim_start
	setpriv --reuid=65534 --clear-groups flock "/proc/$pid" sh -c 'echo $$; exec sleep 600' \
		>"$work/locked" 3>&- &
	until [ -s "$work/locked" ]; do
		[ $SECONDS -lt $deadline ]
	done
	run suture attach --pid "$pid"
	kill "$(cat "$work/locked")"
	[ "$status" -eq 0 ]
}

@test "chroot without /proc" {
	make_root
	under "exec chroot '$work/root' /program"
	victim_start
	[ ! -e "$work/root/proc" ]
	on_and_off
}

@test "a mount namespace without our files and without /proc" {
	under "[ \"\$1\" ] || exec unshare -m '$work/under' again
		mount -t tmpfs none /mnt && cp '$program' /mnt/program
		mount -t tmpfs none '$work' && mount -t tmpfs none '$(dirname "$SUTURE")'
		umount -l /proc && exec /mnt/program"
	victim_start
	run ! nsenter -t "$pid" -m test -e "$SUTURE"
	run ! nsenter -t "$pid" -m test -e "/proc/1"
	on_and_off
}

@test "a container: its own users, processes, mounts, and a directory as its root" {
	local outer
	make_root
	mkdir -p "$work/root/proc"
	chmod 755 "$work" "$work/root"
	under "exec unshare -U -r -m -p -f --kill-child --mount-proc='$work/root/proc' \
		chroot '$work/root' /program"
	victim_start
	outer=$pid
	pid=$(cat "/proc/$outer/task/$outer/children")
	pid=${pid%% *}
	[ "$(awk '/^NSpid/ { print $NF }' "/proc/$pid/status")" -eq 1 ]
	on_and_off
}

@test "another process number inside: blockers are named as we see them" {
	local outer
	patch_of held 'return 7;' '.name = "held"' | patch_make held --target "$program"
	under "exec unshare -p -f --kill-child --mount-proc '$program'"
	victim_start
	outer=$pid
	pid=$(cat "/proc/$outer/task/$outer/children")
	pid=${pid%% *}
	victim_says hold holding
	suture apply "$work/held.lp" --pid "$pid" --no-wait
	wait_switched_but 1
	status_get
	[ -e "/proc/$pid/task/$(jq '.transition.blockers[0].tid' <<<"$output")" ]
	suture reverse --pid "$pid"
	victim_says release 101
	victim_says call 11
}

@test "another process number inside, and only our /proc: works, or is refused clearly" {
	local outer
	under "exec unshare -p -f --kill-child '$program'"
	victim_start
	outer=$pid
	pid=$(cat "/proc/$outer/task/$outer/children")
	pid=${pid%% *}
	run suture apply "$work/fix.lp" --pid "$pid"
	[ "$status" -eq 0 ] || [[ "$status $output" == "1 "*"(unsupported-target)"* ]]
	[ "$status" -eq 0 ] || victim_says call 11
}

@test "a program file that was replaced, as by a package upgrade" {
	victim_start
	victim_says call 11
	cp "$victim" "$work/new"
	mv "$work/new" "$victim"
	[[ "$(readlink "/proc/$pid/exe")" == *"(deleted)" ]]
	run -0 suture apply "$work/fix.lp" --object "$victim" --json
	reply .pid "$pid"
	victim_says call 12
	suture disable fix --pid "$pid"
	victim_says call 11
}
