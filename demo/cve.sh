#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The fix of a CVE goes from its diff into a running redis under load, and comes out again. Both come
# from Debian's source package: the redis that Debian had before the fix, and the fix. FIX=CVE-...
# chooses another one of $fixes. Everything is started on 127.0.0.1, stopped at the end, and nothing
# is left but the build of redis in the cache (XDG_CACHE_HOME, "suture"). Exit status 0: every check
# held.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=demo/lib.sh
. demo/lib.sh

# In this order: the first that Debian's package has as a patch of its own. For each there is below
# what it is about, and a question that tells from outside whether it is there, and harms nothing.
fixes='CVE-2025-32023 CVE-2025-67733'

# --- talking to the server ---

# reply: what comes for the request on stdin, until the server closes
reply() {
	local fd
	exec {fd}<>"/dev/tcp/127.0.0.1/$port"
	{
		cat
		printf 'QUIT\r\n'
	} >&"$fd"
	tr -d '\r' <&"$fd"
	exec {fd}>&-
}

answers() { printf 'PING\r\n' | reply 2>/dev/null | grep -q '^+PONG'; }

# A sparse HyperLogLog has 16384 registers. This one says in runs of 16384 empty registers that it has
# 2^32 + 16384, which the int that counted them took for 16384. Runs of other registers would then be
# written outside of it; here are none.
bad_hyperloglog() {
	local LC_ALL=C run=$'\177\377' i
	for ((i = 0; i < 18; i++)); do run=$run$run; done
	printf 'HYLL\1\0\0\0\0\0\0\0\0\0\0\200%s\177\377' "$run"
}

about_CVE_2025_32023() {
	say 'CVE-2025-32023: a HyperLogLog with wrong run lengths was taken for a valid one, and redis wrote'
	say 'outside of it. The question is one that does not write: redis counts what is in a wrong one.'
	ask_text='PFCOUNT of a wrong HyperLogLog'
	old=':0' new='-INVALIDOBJ Corrupted HLL object detected'
	bad_hyperloglog >"$work/hyperloglog"
}

question_CVE_2025_32023() {
	{
		# shellcheck disable=SC2016 # the protocol's own
		printf '*3\r\n$3\r\nSET\r\n$3\r\nbad\r\n$%d\r\n' "$(stat -c %s "$work/hyperloglog")"
		cat "$work/hyperloglog"
		printf '\r\nPFCOUNT bad\r\n'
	} | reply | sed -n 2p
}

about_CVE_2025_67733() {
	say 'CVE-2025-67733: who can choose the text of an error can put a line end in it, and what follows'
	say 'is taken for the reply to the next request. The question counts the lines of one reply.'
	ask_text='lines in the reply to one EVAL'
	old=2 new=1
}

question_CVE_2025_67733() {
	# shellcheck disable=SC2028 # Lua's own escapes
	printf '%s\r\n' "EVAL 'error(redis.error_reply(\"X\\r\\n+INJECTED\"))' 0" | reply |
		sed '/^+OK$/d' | wc -l
}

# --- the story ---

build_fix() {
	run build --source redis --patch fix.patch --target redis/src/redis-server \
		--make "$(cat make)" -o "$file" || die 'the patch cannot be built'
	run info "$file" || die 'the patch cannot be read'
	cp "$work/output" "$work/info"
	name=$(awk '$1 == "patch" { print $2 }' "$work/info")
}

serve() {
	choose_port
	start redis/src/redis-server --port "$port" --bind 127.0.0.1 --io-threads 4 --save '' \
		--dir "$work"
	start_load 8 redis
	start_eintr "$(realpath redis/src/redis-server)"
	say "redis-server was started as ever: process $pid, $(threads) threads."
	say '8 clients set, get, increment, and count members without a break, and verify each reply.'
}

go_in() {
	load_on 4000 # without any patching, for comparison
	quiet_lines=$(load_lines)
	before=$(portrait)
	run status --pid "$pid" || true
	answer "$question"
	check 'it is vulnerable' is "$question" "$old"
	run check "$file" --pid "$pid" || die 'the patch does not fit'
	must run apply "$file" --pid "$pid" --timeout 20s --on-timeout reverse
	must run status --pid "$pid"
	answer "$question"
	check 'it is fixed' is "$question" "$new"
	load_on 4000
}

come_out() {
	must run disable "$name" --pid "$pid" --timeout 20s
	must run detach --pid "$pid"
	run status --pid "$pid" || true
	answer "$question"
	check 'it is as it was' is "$question" "$old"
	load_on 4000
	stop_eintr
	check 'threads, descriptors, signal handlers are as before' is_as_before
	check "the code is the file's, byte for byte" text_is_files "$(realpath redis/src/redis-server)"
	finish_story
}

is() { [ "$("$1")" = "$2" ]; }

prepare
# shellcheck disable=SC2086 # a list of words
home=$(demo/build-redis.sh ${FIX:-$fixes}) || die 'redis cannot be built here'
cd "$home"
fix=$(cat fix)
question=question_${fix//-/_}
file=$work/$fix.lp
heading "$fix in redis $(redis/src/redis-server --version | sed 's/.* v=\([^ ]*\).*/\1/')"
"about_${fix//-/_}"
say "The fix is Debian's: $(grep -c '^[-+][^-+]' fix.patch) changed lines in $(grep -c '^+++ ' fix.patch) files."
heading '1. It runs'
serve
heading '2. From the diff to a patch, while it runs'
build_fix
heading '3. The patch goes in'
go_in
heading '4. And out'
come_out
stop_pid "$pid"
echo
[ $failures -eq 0 ] || die "$failures checks failed"
say 'All checks held. More: suture-build(1), docs/tutorial-nginx.md; make demo-pack for a patch by hand.'
