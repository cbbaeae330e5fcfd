# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What the demos have in common: commands that are shown, checks, a load, and how a process looks
# from outside. Sourced by a script that has changed to the top of the tree.
set -euo pipefail
build=$(realpath "${BUILD:-build}")
suture=$build/src/suture
work=''
pid=0        # the server
port=0
load=''
quiet_lines=0 # of the load's counts: before the patch
before=''    # the server's portrait() then
ask_text=''  # what the script's question is called
eintr=''
started=() # process ids to be ended
failures=0
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

die() {
	echo "demo: $*" >&2
	exit 1
}

stop_pid() {
	local other left=()
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
	for other in "${started[@]}"; do
		[ "$other" = "$1" ] || left+=("$other")
	done
	started=(${left[@]+"${left[@]}"})
}

finish() {
	local status=$? pid
	trap - EXIT INT TERM
	for pid in ${started[@]+"${started[@]}"}; do stop_pid "$pid"; done
	if [ -n "$work" ]; then rm -rf "$work"; fi
	exit $status
}

heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '  %s\n' "$*"; }

# Words as one would type them.
typed() {
	local word
	for word in "${@//$work\//}"; do
		case $word in
		*[[:space:]]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
}

# Shows a command as one would type it, and runs it; its output is indented.
run() {
	local status=0
	printf '  %s$ suture%s%s\n' "$bold" "$(typed "$@")" "$plain"
	"$suture" "$@" >"$work/output" 2>&1 || status=$?
	sed "s,$work/,,g; s/^/    /" "$work/output"
	return $status
}

# check "what" command...: a line with ok or FAILED.
check() {
	local what=$1
	shift
	if "$@"; then
		printf '  %-58s %s\n' "$what" ok
	else
		printf '  %-58s %s\n' "$what" "${bold}FAILED$plain"
		failures=$((failures + 1))
	fi
}

# wait_for SECONDS command...: until it succeeds.
wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		read -rt 0.05 <> <(:) || true
	done
}

# --- the server; answers() is the script's own ---

# A port that nobody listens on.
choose_port() {
	for port in $(shuf -i 20000-32000 -n 50); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
	done
	die "no free port"
}

start() {
	"$@" >"$work/server.log" 2>&1 &
	pid=$!
	started+=("$pid")
	if ! wait_for 10 answers; then
		cat "$work/server.log" >&2
		die "the server does not answer"
	fi
}

# --- the load ---

# start_load CLIENTS PROTOCOL
start_load() {
	: >"$work/load.log"
	"$work/load" "$port" "$@" >"$work/load.log" 2>"$work/load.errors" &
	load=$!
	started+=("$load")
}

load_lines() { wc -l <"$work/load.log"; }
has_lines() { [ "$(load_lines)" -ge "$1" ]; }
field() { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" <<<"$2"; }

# Asks the load generator for a line of counts.
load_count() {
	local wanted
	wanted=$(($(load_lines) + 1))
	kill -USR1 "$load"
	wait_for 10 has_lines "$wanted" || die "the load generator does not answer"
	counts=$(tail -n 1 "$work/load.log")
}

load_did() {
	load_count
	[ "$(field operations "$counts")" -ge "$1" ]
}

# Lets the load go on for so many operations more.
load_on() {
	load_count
	wait_for 120 load_did $(($(field operations "$counts") + $1)) || die "the load stands still"
}

# longest_gap FROM TO: of these lines of counts, in microseconds
longest_gap() {
	sed -n "$1,$2p" "$work/load.log" | sed 's/.*gap_us=//' | sort -n | tail -n 1
}

# --- EINTR, counted by the kernel from outside ---

# Where the instruction after a file's call of epoll_wait() lies in it.
after_epoll_wait() {
	local text addr offset after
	text=$(readelf -SW "$1" | sed -n 's/^ *\[ *[0-9]*\] \.text *[A-Z]* *//p')
	read -r addr offset _ <<<"$text"
	after=$(objdump -d --no-show-raw-insn -j .text "$1" |
		awk '/call.*<epoll_wait@plt>/ { getline; sub(":", "", $1); print $1; exit }')
	[ -n "$after" ] && [ -n "$addr" ] || return 1
	echo $((16#$after - 16#$addr + 16#$offset))
}

start_eintr() {
	local offset
	eintr=''
	: >"$work/eintr.log"
	offset=$(after_epoll_wait "$1") || return 0
	"$work/eintr" "$pid" "$1" "$offset" >"$work/eintr.log" 2>&1 &
	eintr=$!
	started+=("$eintr")
	wait_for 10 test -s "$work/eintr.log" || true
	if ! grep -q counting "$work/eintr.log"; then eintr=''; fi
}

stop_eintr() {
	eintr_text='not measured: the kernel does not let us count here' eintr_bad=0
	[ -n "$eintr" ] || return 0
	stop_pid "$eintr"
	local line
	line=$(tail -n 1 "$work/eintr.log")
	if [ "$(field lost "$line")" != 0 ] || [ "$(field returns "$line")" = 0 ]; then
		eintr_text='not measured: samples were lost'
		return 0
	fi
	eintr_bad=$(field failed "$line")
	eintr_text="$eintr_bad (of $(field returns "$line") returns from epoll_wait)"
}

# --- what a process looks like from outside ---

mapped() { awk -v name="$1" '$6 ~ name { print $6; exit }' "/proc/$pid/maps"; }

# Its threads, descriptors, signal handlers, and whether anything of ours is mapped.
portrait() {
	echo "threads $(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)"
	echo "descriptors $(find "/proc/$pid/fd" -mindepth 1 | wc -l)"
	grep SigCgt "/proc/$pid/status"
	echo "suture $(grep -c memfd:suture "/proc/$pid/maps" || true)"
}
is_as_before() {
	wait_for 2 same_portrait || diff <(echo "$before") <(portrait)
}
same_portrait() { [ "$(portrait)" = "$before" ]; }

# The code of a mapped file, in the process and in the file.
text_is_files() {
	local range perms offset path from to
	read -r range perms offset _ _ path < <(awk -v f="$1" '$6 == f && $2 ~ /x/' "/proc/$pid/maps")
	[ "$perms" = r-xp ] || return 1
	from=$((16#${range%-*} / 4096)) to=$((16#${range#*-} / 4096))
	cmp -s <(dd if="/proc/$pid/mem" bs=4096 skip=$from count=$((to - from)) status=none) \
		<(dd if="$path" bs=4096 skip=$((16#$offset / 4096)) count=$((to - from)) status=none |
			pad $(((to - from) * 4096)))
}
# The last page of a mapping goes on with zeros after the end of the file.
pad() {
	local size
	cat >"$work/text"
	size=$(stat -c %s "$work/text")
	[ "$size" -ge "$1" ] || truncate -s "$1" "$work/text"
	cat "$work/text"
}

must() { "$@" || failures=$((failures + 1)); }

answer() { printf '    %s -> %s%s%s\n' "$ask_text" "$bold" "$("$1")" "$plain"; }

# Ends the load, and prints what it saw.
finish_story() {
	local operations quiet gap
	stop_pid "$load"
	counts=$(tail -n 1 "$work/load.log")
	operations=$(field operations "$counts")
	quiet=$(longest_gap 1 "$quiet_lines")
	gap=$(longest_gap $((quiet_lines + 1)) '$')
	echo
	say "operations served    $operations, every reply verified"
	say "errors               $(field errors "$counts") ($(field reconnects "$counts") reconnects)"
	say "EINTR                $eintr_text"
	say "longest gap          $(ms "$gap") ms between two replies ($(ms "$quiet") ms before the patch)"
	check 'at least 10,000 operations and no error' clean_load "$operations"
	check 'no system call returned EINTR' test "$eintr_bad" -eq 0
}

clean_load() {
	[ "$1" -ge 10000 ] && [ "$(field errors "$counts")" = 0 ] &&
		[ "$(field reconnects "$counts")" = 0 ]
}
ms() { awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'; }

threads() { find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l; }

# The programs that the demo is made of, below $work, and an end to everything when the script ends.
prepare() {
	[ "$(id -u)" -eq 0 ] || die 'run it as root: it installs packages, and looks into a process'
	[ -x "$suture" ] || die "$suture is not there; run make demo"
	work=$(mktemp -d)
	trap finish EXIT
	trap 'exit 130' INT TERM
	cc -D_GNU_SOURCE -O2 -pthread -o "$work/load" demo/load.c
	cc -D_GNU_SOURCE -O2 -o "$work/eintr" demo/eintr.c
}
