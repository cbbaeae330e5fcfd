#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A patch written by hand goes into a running memcached and comes out again, twice: Debian's own binary with a patch
# for libevent inside it, then one built from Debian's source with a patch for memcached itself.
# Everything is started on 127.0.0.1, stopped at the end, and nothing is left but the build of
# memcached in the cache (XDG_CACHE_HOME, "suture"). Exit status 0: every check held.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=demo/lib.sh
. demo/lib.sh

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

# --- the story: one patch goes in and out; $pid runs, $port answers, $load works ---

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

# --- the two parts ---

demo_libevent() {
	local libevent
	libevent=$(ldd /usr/bin/memcached | awk '/libevent-2/ { print $3 }')
	heading "1. Debian's memcached $(dpkg-query -W -f '${Version}' memcached), and a patch for libevent inside it"
	choose_port
	start memcached -u root -l 127.0.0.1 -p "$port" -t 4
	start_load 8 memcached
	start_eintr "$(realpath "$libevent")"
	say "memcached was started as ever: process $pid, $(threads) threads."
	say '8 clients set, get and count without a break, and verify each reply.'
	say 'The patch is a C file, demo/event_version.c: event_get_version() gets another body.'
	ask_text='stats: libevent'
	story demo/event_version.c event-version "$libevent" libevent_version \
		"$(libevent_version)" 2.1.12-patched-while-running
	stop_pid "$pid"
}

demo_memcached() {
	local program=$1
	heading "2. memcached itself, built from Debian's source"
	choose_port
	start "$program" -u root -l 127.0.0.1 -p "$port" -t 4
	start_load 8 memcached
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
	start_load 8 memcached
	server_eintr
	say "Process $pid, $(threads) threads; \"incr\" takes decimal numbers only."
	say 'demo/server_number.c replaces parse_number(), a private function of it.'
	ask_text='incr 5 by 0x10:'
	story demo/server_number.c hex-numbers "$work/server" hex_increment \
		'CLIENT_ERROR invalid numeric delta argument' 21
	stop_pid "$pid"
}

command -v memcached dpkg-query >/dev/null || die 'memcached is not installed; run make deps'
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
