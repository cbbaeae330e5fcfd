#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A patch goes into a running memcached and comes out again, twice: Debian's own binary with a patch
# for libevent inside it, then one built from Debian's source with a patch for memcached itself.
# Everything is started on 127.0.0.1, stopped at the end, and nothing is left but the build of
# memcached in the cache (XDG_CACHE_HOME, "suture"). Exit status 0: every check held.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${BUILD:-build}")
suture=$build/src/suture
work=''
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

# Shows a command as one would type it, and runs it; its output is indented.
run() {
	local status=0
	printf '  %s$ suture %s%s\n' "$bold" "${*//$work\//}" "$plain"
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

# --- talking to the server ---

# ask "request lines with \r\n" -> the reply, until "quit" closes the connection
ask() {
	local fd
	exec {fd}<>"/dev/tcp/127.0.0.1/$port"
	printf '%b' "$1quit\r\n" >&"$fd"
	tr -d '\r' <&"$fd"
	exec {fd}>&-
}

libevent_version() { ask 'stats\r\n' | sed -n 's/^STAT libevent //p'; }
hex_increment() { ask 'set demo 0 0 1\r\n5\r\nincr demo 0x10\r\n' | tail -n 1; }
is() { [ "$("$1")" = "$2" ]; }
answers() { ask 'stats\r\n' 2>/dev/null | grep -q '^STAT'; }

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

start_load() {
	: >"$work/load.log"
	"$work/load" "$port" "$1" >"$work/load.log" 2>"$work/load.errors" &
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

# Where the instruction after libevent's call of epoll_wait() lies in the file.
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
	echo "suture $(grep -c suture "/proc/$pid/maps" || true)"
}
is_as_before() {
	wait_for 2 same_portrait || ! diff <(echo "$before") <(portrait)
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

# --- the story: one patch goes in and out; $pid runs, $port answers, $load works ---

must() { "$@" || failures=$((failures + 1)); }

# story PATCH.c NAME TARGET QUESTION OLD NEW: QUESTION is the function that asks from outside
story() {
	local source=$1 name=$2 target=$3 question=$4 old=$5 new=$6
	local file="$work/$name.lp"

	load_on 4000 # without any patching, for comparison
	quiet_lines=$(load_lines)
	before=$(portrait)
	run pack "$source" --target "$target" -o "$file" || die "the patch cannot be packed"
	run status --pid "$pid" || true
	answer "$question"
	must run apply "$file" --pid "$pid" --timeout 20s --on-timeout reverse
	must run status --pid "$pid"
	answer "$question"
	check 'the change is seen from outside' is "$question" "$new"
	load_on 4000
	must run disable "$name" --pid "$pid" --timeout 20s
	must run log --pid "$pid"
	must run detach --pid "$pid"
	run status --pid "$pid" || true
	answer "$question"
	check 'the old answer is back' is "$question" "$old"
	load_on 4000
	stop_eintr
	check 'threads, descriptors, signal handlers are as before' is_as_before
	check "the code is the file's, byte for byte" text_is_files "$(realpath "$target")"
	finish_story
}

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

# --- the two parts ---

demo_libevent() {
	local libevent
	libevent=$(ldd /usr/bin/memcached | awk '/libevent-2/ { print $3 }')
	heading "1. Debian's memcached $(dpkg-query -W -f '${Version}' memcached), and a patch for libevent inside it"
	choose_port
	start memcached -u root -l 127.0.0.1 -p "$port" -t 4
	start_load 8
	start_eintr "$(realpath "$libevent")"
	say "memcached was started as ever: process $pid, $(threads) threads."
	say '8 clients set, get and count without a break, and verify each reply.'
	say 'The patch is a C file, demo/event_version.c: event_get_version() gets another body.'
	ask_text='stats: libevent'
	story demo/event_version.c event-version "$libevent" libevent_version \
		"$(libevent_version)" 2.1.12-patched-while-running
	stop_pid "$pid"
}

threads() { find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l; }

demo_memcached() {
	local program=$1
	heading "2. memcached itself, built from Debian's source"
	choose_port
	start "$program" -u root -l 127.0.0.1 -p "$port" -t 4
	start_load 8
	start_eintr "$(realpath "$(ldd "$program" | awk '/libevent-2/ { print $3 }')")"
	say "Process $pid, $(threads) threads, the same load; \"incr\" takes decimal numbers only."
	say 'demo/hex_numbers.c replaces safe_strtoull(), which the load calls all the time.'
	ask_text='incr 5 by 0x10:'
	story demo/hex_numbers.c hex-numbers "$program" hex_increment \
		'CLIENT_ERROR invalid numeric delta argument' 21
	stop_pid "$pid"
}

server_eintr() {
	stop_eintr() {
		eintr_bad=$(ask 'stats\r\n' | sed -n 's/^STAT eintr //p')
		eintr_text="$eintr_bad (counted by the server)"
	}
}

demo_server() {
	heading '2. A sample server with 100 threads'
	say "(memcached cannot be built here: $1)"
	cc -D_GNU_SOURCE -O2 -g -pthread -o "$work/server" demo/server.c
	choose_port
	start "$work/server" "$port"
	start_load 8
	server_eintr
	say "Process $pid, $(threads) threads; \"incr\" takes decimal numbers only."
	say 'demo/server_number.c replaces parse_number(), a private function of it.'
	ask_text='incr 5 by 0x10:'
	story demo/server_number.c hex-numbers "$work/server" hex_increment \
		'CLIENT_ERROR invalid numeric delta argument' 21
	stop_pid "$pid"
}

prepare() {
	[ "$(id -u)" -eq 0 ] || die 'run it as root: it installs packages, and looks into a process'
	[ -x "$suture" ] || die "$suture is not there; run make demo"
	command -v memcached dpkg-query >/dev/null || die 'memcached is not installed; run make deps'
	work=$(mktemp -d)
	trap finish EXIT
	trap 'exit 130' INT TERM
	cc -D_GNU_SOURCE -O2 -pthread -o "$work/load" demo/load.c
	cc -D_GNU_SOURCE -O2 -o "$work/eintr" demo/eintr.c
}

prepare
demo_libevent
if program=$(demo/build-memcached.sh 2>"$work/build.log"); then
	demo_memcached "$program"
else
	demo_server "$(tail -n 1 "$work/build.log")"
fi
echo
[ $failures -eq 0 ] || die "$failures checks failed"
say "All checks held. More: suture(1), docs/design."
