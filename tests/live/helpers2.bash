# SPDX-License-Identifier: LGPL-2.1-or-later
# More helpers, for the cases with victims and fixes of their own. `load helpers2` in a .bats file
# instead of helpers.
#
#	victim_of NAME [FLAG...]		compile victims/NAME.c to $victim
#	fix_of NAME [OPTION...]			pack fixes/NAME.c for $victim to $work/NAME.lp
#	fix_refused REASON NAME [OPTION...]	... which is refused for this reason
#	apply_no_wait NAME			start a transition, which something holds up
#	wait_switched_but N			until all but N tasks have switched
#	until_attached				wait for an agent that comes by itself
#	refused_with REASON COMMAND...		status 1, this reason, one line on stderr

# BUILD: the build directory, unless SUTURE names the command
if [ -z "${SUTURE:-}" ] && [ -n "${BUILD:-}" ]; then
	SUTURE=$(realpath -m "$BUILD")/src/suture
fi
load helpers
victims_dir=$BATS_TEST_DIRNAME/victims
fixes_dir=$BATS_TEST_DIRNAME/fixes

victim_of() {
	local name=$1
	shift
	victim_build "victims/$name.c" -D_GNU_SOURCE -I"$victims_dir" "$@"
}

# library_of NAME [FLAG...]: victims/NAME.c to $work/libNAME.so
library_of() {
	local name=$1
	shift
	gcc -O2 -g -Wall -fPIC -shared -Wl,--build-id -Wl,-soname,"lib$name.so" "$@" \
		-o "$work/lib$name.so" "$victims_dir/$name.c"
}

fix_of() {
	local name=$1
	shift
	suture pack "$fixes_dir/$name.c" --target "$victim" -o "$work/$name.lp" "$@"
}

fix_refused() {
	local reason=$1
	shift
	run -1 fix_of "$@" --json
	reply '.reasons[0].reason' "$reason"
}

apply_no_wait() {
	suture apply "$work/$1.lp" --pid "$pid" --no-wait
}

wait_switched_but() {
	wait_status ".transition.tasks | . != null and .total - .switched == $1"
}

until_attached() {
	local deadline=$((SECONDS + DEADLINE))
	until suture status --pid "$pid" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ]
	done
}

# The status of $pid as JSON in $output.
status_get() {
	run -0 suture status --pid "$pid" --json
}

refused_with() {
	local reason=$1
	shift
	run -1 --separate-stderr suture "$@"
	[ -z "$output" ]
	[[ "$stderr" == "suture: "*"($reason)"* ]] ||
		{ echo "expected $reason, got: $stderr"; return 1; }
	[ "$(grep -c '^suture: ' <<<"$stderr")" -eq 1 ]
}

# victim_under COMMAND...: from now on $victim is started by "COMMAND... $program", which must end in
# an exec, so that $pid is right. $program is the program itself.
victim_under() {
	program=${program:-$victim}
	printf '#!/bin/sh\nexec %s "$@"\n' "${*@Q} ${program@Q}" >"$work/under"
	chmod +x "$work/under"
	victim=$work/under
}

# beside NAME [ARGUMENT...]: starts victims/NAME.c beside the victim; $beside is its pid. The victim
# stays the one that is asked.
beside() {
	local name=$1 keep=("$victim" "${pid:-}" "${to:-}" "${from:-}")
	shift
	gcc -O2 -g -Wall -D_GNU_SOURCE -I"$victims_dir" -o "$work/$name" "$victims_dir/$name.c" -pthread
	victim=$work/$name
	victim_start "$@"
	beside=$pid
	# ended first: a traced process is not gone before its tracer has seen it
	unset "victims[-1]"
	victims=("$beside" "${victims[@]}")
	victim=${keep[0]} pid=${keep[1]} to=${keep[2]} from=${keep[3]}
}
