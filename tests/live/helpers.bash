# SPDX-License-Identifier: LGPL-2.1-or-later
# What the live cases share. `load helpers` in a .bats file.
#
#	victim_build victim.c -pthread		compile a program of this folder, or from stdin with -
#	victim_start [ARGUMENT...]		start it and wait for its line "ready"; sets $pid
#	victim_ask LINE				send it a line, print its answer
#	patch_make fix --target "$victim" < fix.c
#	suture COMMAND...			with a deadline
#	reply '.patches[0].enabled' true	about the JSON in $output
#	snapshot before; ...; snapshot after; snapshot_same
#
# Nothing here sleeps for luck: everything is waited for, with $DEADLINE seconds at most.
bats_require_minimum_version 1.5.0

DEADLINE=${DEADLINE:-30}
SUTURE=${SUTURE:-$BATS_TEST_DIRNAME/../../build/src/suture}
victims=()

setup() {
	work=$BATS_TEST_TMPDIR
	victim=$work/victim
	type setup_case >/dev/null 2>&1 && setup_case
	return 0
}

teardown() {
	local one
	for one in "${victims[@]}"; do
		kill -KILL "$one" 2>/dev/null || true
		wait "$one" 2>/dev/null || true
	done
}

suture() {
	timeout --kill-after=5 "$DEADLINE" "$SUTURE" "$@"
}

# victim_build SOURCE|- [FLAG...]: makes $victim
victim_build() {
	local source=$1
	shift
	[ "$source" = - ] && set -- -x c "$@"
	[ "$source" = - ] || source=$BATS_TEST_DIRNAME/$source
	gcc -O2 -g -Wall -Wl,--build-id -o "$victim" "$@" "$source" -pthread
}

# victim_start [ARGUMENT...]: starts $victim, which says "ready"; its pid in $pid, and its
# descriptors in $to and $from, so that several can run side by side.
victim_start() {
	local line fifo=$work/fifo.${#victims[@]}
	mkfifo "$fifo.in" "$fifo.out"
	"$victim" "$@" <"$fifo.in" >"$fifo.out" 3>&- &
	pid=$!
	victims+=("$pid")
	exec {to}>"$fifo.in" {from}<"$fifo.out"
	read -r -t "$DEADLINE" -u "$from" line
	[ "$line" = ready ]
}

# victim_ask LINE: the answer to one line
victim_ask() {
	local line
	echo "$1" >&"$to"
	read -r -t "$DEADLINE" -u "$from" line
	echo "$line"
}

# victim_says LINE ANSWER: fails and shows what it said instead
victim_says() {
	local said
	said=$(victim_ask "$1")
	[ "$said" = "$2" ] || { echo "victim: '$1' -> '$said', expected '$2'"; return 1; }
}

# patch_make NAME --target ELF... < source: makes $work/NAME.lp
patch_make() {
	local name=$1
	shift
	cat >"$work/$name.c"
	suture pack "$work/$name.c" "$@" -o "$work/$name.lp"
}

# patch_of FUNCTION NEW_BODY [MEMBER...]: the source of a patch of one `int f(void)` of the program
patch_of() {
	local function=$1 body=$2
	shift 2
	cat <<EOF
#include <suture/livepatch.h>
static int lp_$function(void) { $body }
static struct klp_func funcs[] = { { .old_name = "$function", .new_func = lp_$function }, { } };
static struct klp_object objs[] = { { .funcs = funcs }, { } };
KLP_PATCH(.objs = objs, $*);
EOF
}

# reply FILTER EXPECTED: about the JSON in $output
reply() {
	local got
	got=$(jq -rc "$1" <<<"$output")
	[ "$got" = "$2" ] || { echo "$1 is '$got', expected '$2' in: $output"; return 1; }
}

# wait_status FILTER: until the status of $pid fulfils it. `status --watch` says when it changes.
wait_status() {
	local line watcher feed found=1
	exec {feed}< <(exec timeout "$DEADLINE" "$SUTURE" status --pid "$pid" --json --watch 3>&-)
	watcher=$!
	while read -r -t "$DEADLINE" -u "$feed" line; do
		if jq -e "$1" <<<"$line" >/dev/null; then
			found=0
			break
		fi
	done
	exec {feed}<&-
	kill "$watcher" 2>/dev/null || true
	wait "$watcher" 2>/dev/null || true
	return $found
}

# snapshot NAME: what of $pid can be seen from outside: mappings, descriptors, threads, signals.
snapshot() {
	{
		echo "mappings:"
		awk '$6 !~ /^\[(heap|stack)/ { print $1, $2, $6 }' "/proc/$pid/maps"
		echo "descriptors:"
		(cd "/proc/$pid/fd" && for fd in *; do echo "$fd $(readlink "$fd")"; done)
		echo "threads:"
		for task in /proc/"$pid"/task/*; do echo "${task##*/} $(cat "$task/comm")"; done
		# without 32 and 33, which are libc's own: it installs them with its first thread
		echo "signals:"
		grep -E '^(SigBlk|SigIgn|SigCgt|TracerPid)' "/proc/$pid/status" |
			while read -r name mask; do
				printf '%s %x\n' "$name" $((16#$mask & ~0x180000000))
			done
	} >"$work/snapshot.$1"
}

snapshot_same() {
	diff -u "$work/snapshot.before" "$work/snapshot.after"
}

# text_same FILE: the code of FILE as $pid has it mapped is that of the file.
text_same() {
	local range offset start end
	while read -r range _ offset _; do
		start=$((16#${range%-*}))
		end=$((16#${range#*-}))
		cmp <(dd if="/proc/$pid/mem" bs=4096 skip=$((start / 4096)) \
			count=$(((end - start) / 4096)) status=none) \
			<(dd if="$1" bs=4096 skip=$((16#$offset / 4096)) \
				count=$(((end - start) / 4096)) status=none conv=sync)
	done < <(awk -v file="$1" '$6 == file && $2 ~ /x/ { print $1, $2, $3, $6 }' "/proc/$pid/maps")
}
