#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# `suture build --test`: a patched program and a rebuilt one, compared; and what is left behind when
# `suture build` is interrupted: nothing.
load helpers2

DEADLINE=120

setup_case() {
	tree=$work/tree socket=$work/socket
	cp -r "$BATS_TEST_DIRNAME/trees/desk" "$tree"
	make -s -C "$tree"
	change price fix 's/count \* 10/count * 11/'
	export TMPDIR=$work/tmp
	mkdir "$TMPDIR"
	cat >"$work/ask" <<-'END'
		# ask SOCKET NUMBER...: when it answers, or not within 20 s
		import socket, sys, time
		def connect():
		    end = time.monotonic() + 20
		    while True:
		        try:
		            s = socket.socket(socket.AF_UNIX)
		            s.connect(sys.argv[1])
		            return s
		        except OSError:
		            if time.monotonic() > end:
		                raise
		            time.sleep(0.02)
		for number in sys.argv[2:]:
		    s = connect()
		    s.send(number.encode())
		    print(s.recv(100).decode().strip())
	END
	test="python3 $work/ask $socket 1 2 -5"
}

# change SOURCE NAME SCRIPT: NAME.patch changes SOURCE.c by sed
change() {
	mkdir "$work/a" "$work/b"
	cp "$tree/$1.c" "$work/a"
	sed "$3" "$tree/$1.c" >"$work/b/$1.c"
	(cd "$work" && diff -u "a/$1.c" "b/$1.c" >"$2.patch") || [ $? -eq 1 ]
	rm -r "$work/a" "$work/b"
}

# build NAME [OPTION...]: NAME.patch to NAME.lp
build() {
	local name=$1
	shift
	suture build --source "$tree" --patch "$work/$name.patch" --target "${target:-$tree/desk}" \
		-o "$work/$name.lp" "$@"
}

nothing_left() {
	ls -A "$TMPDIR"
	[ -z "$(ls -A "$TMPDIR")" ]
	pgrep -af "$work" || true
	[ "$(pgrep -cf "$work")" -eq 0 ]
}

# The program lies outside of the tree, as packages install it.
installed() {
	mkdir "$work/bin"
	strip -g -o "$work/bin/desk" "$tree/desk"
	target=$work/bin/desk
}

@test "the same, in the foreground" {
	run -0 --separate-stderr build fix --start "$tree/desk $socket" --test "$test; exit 3" --json
	reply '.test | [.same, .patched, .rebuilt]' '[true,{"status":3,"output":"11 3\n22 3\n-1 3\n"},{"status":3,"output":"11 3\n22 3\n-1 3\n"}]'
	reply '[has("reasons"), .output]' "[false,\"$work/fix.lp\"]"
	nothing_left
}

@test "the same, as a daemon" {
	# the first is gone when the second starts
	run -0 build fix --start "! pgrep -x -f '$tree/desk $socket daemon' || exit 9
		$tree/desk $socket daemon" --test "$test"
	[[ "$output" == *"the same"*"(15 bytes, status 0)"* ]]
	nothing_left
}

@test "the same, with a process for each question" {
	run -0 --separate-stderr build fix --start "$tree/desk $socket fork" --test "$test" --json
	reply .test.same true
	nothing_left
}

@test "a target outside of the tree" {
	installed
	run -0 --separate-stderr build fix --start "$target $socket" --test "$test" --json
	reply '.test | [.same, .patched.output]' '[true,"11 3\n22 3\n-1 3\n"]'
	run -0 --separate-stderr build fix --start "$target $socket" --test "$test" --json \
		--debug-file "$tree/desk"
	nothing_left
}

@test "the working directory is the one in the tree" {
	cd "$tree"
	socket=socket
	run -1 --separate-stderr build fix --start "./desk socket" \
		--test "python3 $work/ask socket 4; grep -c 'count . 11' price.c" --json
	reply '.test | [.same, .patched.output, .rebuilt.output]' '[false,"44 3\n0\n","44 3\n1\n"]'
}

@test "what was made at the start stays: a difference" {
	change price start 's/set = 3/set = 4/'
	run -1 --separate-stderr build start --start "$tree/desk $socket" --test "$test"
	[[ "$stderr" == *"(test-differs)"* ]]
	grep -qx -- '-10 3' <<<"$output"
	grep -qx -- '+10 4' <<<"$output"
	[ -s "$work/start.lp" ]
	run -1 --separate-stderr build start --start "$tree/desk $socket" --test "$test" --json
	reply '.test.same, .reasons[0].reason, .output' "false
test-differs
$work/start.lp"
	nothing_left
}

@test "another exit status is a difference too, and so is a crash" {
	run -1 build fix --start "$tree/desk $socket" \
		--test "$test; [ \$SUTURE_TEST = patched ]" --json
	reply '.test | [.same, .patched.status, .rebuilt.status]' '[false,0,1]'
	change price crash 's/return count \* 10/__builtin_trap()/'
	run -1 --separate-stderr build crash --start "[ \$SUTURE_TEST = patched ] && exec sleep 50" \
		--test "true" --json
	reply '.reasons[0].reason' test-failed
	nothing_left
}

@test "a --start that fails" {
	run -1 --separate-stderr build fix --start "echo no such luck; exit 7" --test "$test"
	[[ "$stderr" == *"--start has ended with status 7"*"no such luck"*"(test-failed)"* ]]
	[ -s "$work/fix.lp" ]
	run -1 --separate-stderr build fix --start "true" --test "$test"
	[[ "$stderr" == *"no process runs a target"*"(test-failed)"* ]]
	run -1 --separate-stderr build fix --start "exec sleep 100" --test "$test" --test-timeout 1s
	[[ "$stderr" == *"runs a target"*"(test-failed)"* ]]
	nothing_left
}

@test "a --test that hangs" {
	run -1 --separate-stderr build fix --start "$tree/desk $socket" --test "sleep 1000" \
		--test-timeout 500ms --json
	reply '.reasons[0].reason' test-failed
	[[ "$(jq -r '.reasons[0].message' <<<"$output")" == *"--test-timeout"* ]]
	nothing_left
}

@test "a program that cannot be ended by SIGTERM" {
	run -0 build fix --start "trap '' TERM; $tree/desk $socket" --test "$test"
	nothing_left
}

@test "a patch that cannot be applied there" {
	# it is traced, by a child of its own
	gcc -shared -fPIC -D_GNU_SOURCE -x c - -o "$work/traced.so" <<-'END'
		#include <signal.h>
		#include <stdlib.h>
		#include <sys/prctl.h>
		#include <sys/ptrace.h>
		#include <unistd.h>
		__attribute__((constructor)) static void start(void)
		{
			int ends[2];
			char byte;

			unsetenv("LD_PRELOAD");
			if (pipe(ends))
				_exit(1);
			if (!fork()) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				if (ptrace(PTRACE_SEIZE, getppid(), 0, 0) || write(ends[1], "", 1) != 1)
					_exit(1);
				for (;;)
					pause();
			}
			if (read(ends[0], &byte, 1) != 1)
				_exit(1);
		}
	END
	run -1 --separate-stderr build fix --test "$test" --json \
		--start "LD_PRELOAD=$work/traced.so exec $tree/desk $socket"
	reply '.reasons[0].reason, .output, .test' "traced
$work/fix.lp
{\"same\":false}"
	jq -e '.reasons[0].message | contains("cannot be applied to process")' <<<"$output"
	nothing_left
}

@test "a target that the build does not make, or twice" {
	mkdir "$work/bin"
	cp "$tree/desk" "$work/bin/other"
	target=$work/bin/other
	run -1 --separate-stderr build fix --start "$target $socket" --test "$test"
	[[ "$stderr" == *"makes no file of this name and kind"*"(test-failed)"* ]]
	rm -r "${work:?}/bin"
	installed
	mkdir "$tree/copy"
	cp "$tree/desk" "$tree/copy/desk"
	printf 'all: desk copy/desk\ncopy/desk: desk\n\tcp $< $@ && echo >>$@\n' |
		cat - "$tree/Makefile" >"$tree/makefile"
	run -1 --separate-stderr build fix --make "make -f makefile" --start "$target $socket" \
		--test "$test"
	[[ "$stderr" == *"several files of the tree"*"copy/desk"*"(test-failed)"* ]]
	nothing_left
}

@test "without the right to mount" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	build fix --keep "$work/kept"
	run -1 --separate-stderr unshare -U -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces
		exec setpriv --bounding-set -sys_admin "$@"' sh "$SUTURE" build --source "$tree" \
		--target "$tree/desk" -o "$work/fix.lp" --keep "$work/kept" --from match \
		--start "$tree/desk $socket" --test "$test"
	[[ "$stderr" == *"no mount namespace can be had"*"(test-failed)"* ]]
}

@test "from kept objects, and usage" {
	build fix --keep "$work/kept"
	run -0 --separate-stderr build fix --keep "$work/kept" --from match \
		--start "$tree/desk $socket" --test "$test" --json
	reply .test.same true
	run -2 build fix --start "$tree/desk $socket"
	run -2 build fix --test "$test"
	run -2 build fix --start "$tree/desk $socket" --test "$test" --test-timeout 0
	[ -d "$work/kept/tree.patched" ]
	rm -r "$work/kept"
	nothing_left
}

# interrupted SIGNAL SECRET OPTION...: sends it when a process with SECRET in its command line is there
interrupted() {
	local signal=$1 secret=$2 deadline=$((SECONDS + DEADLINE)) status=0 building
	shift 2
	# what runs in the background of a script ignores SIGINT, and below nohup SIGHUP
	env --default-signal=INT,HUP "$SUTURE" build --source "$tree" --patch "$work/fix.patch" --target "$tree/desk" \
		-o "$work/fix.lp" "$@" >"$work/said" 2>&1 3>&- &
	building=$!
	until pgrep -x -f "$secret" >/dev/null; do
		kill -0 "$building"
		[ $SECONDS -lt $deadline ]
	done
	kill -"$signal" "$building"
	wait "$building" || status=$?
	cat "$work/said"
	[ "$status" -eq $((128 + $(kill -l "$signal"))) ]
	nothing_left
	run ! pgrep -x -f "$secret"
}

@test "interrupted while it builds" {
	local secret=$((100000 + $$)) # seconds; nobody else sleeps for so long
	# not a job of make's that says nothing, but one that has left its session
	interrupted TERM "sleep $secret.1" --make "setsid sleep $secret.1"
	interrupted HUP "sleep $secret.2" --make "sleep $secret.2 & wait"
	interrupted INT "sleep $secret.5" --make "sleep $secret.5"
	[ ! -e "$work/fix.lp" ]
}

@test "interrupted while it tests" {
	local secret=$((100000 + $$))
	interrupted TERM "sleep $secret.3" --start "$tree/desk $socket daemon" --test "sleep $secret.3"
	interrupted HUP "sleep $secret.4" --start "$tree/desk $socket" --test "setsid sleep $secret.4"
	# ended after five seconds, and waited for
	interrupted TERM "sleep $secret.6" --start "trap '' TERM; $tree/desk $socket" --test "sleep $secret.6"
	[ -s "$work/fix.lp" ]
}

@test "a build that fails leaves nothing either" {
	run -1 --separate-stderr build fix --make "echo broken; false"
	[[ "$stderr" == *"(build-failed)"* ]]
	[ "$(grep -c '^suture: ' <<<"$stderr")" -eq 1 ]
	nothing_left
}
