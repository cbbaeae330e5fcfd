# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A program that runs under load: started, watched and stopped. What is started here is ended here,
# by its number. Sourced after data.bash; the files in programs/ use the functions of this one.
#
# shellcheck disable=SC2154 # run, hosts, base and patched are set by who sources this
# $run is a folder for one instance; $base the tree it was built in; $hosts the built programs of
# hosts/.

servers=() # processes that were started: number
clients=() # processes that send load
counters=() # names of those of both that count
declare -A process_name=()

# --- processes ---

# spawn NAME command...: a server; its output goes to $run/NAME.log, its number to $spawned
spawn() {
	local name=$1
	shift
	set -m # a process group of its own
	"$@" >"$run/$name.log" 2>&1 </dev/null &
	spawned=$!
	set +m
	servers+=("$spawned")
	process_name[$spawned]=$name
}

# spawn_load NAME command...: the same for a client, which keeps its counts in $run/NAME.count
spawn_load() {
	local name=$1
	counters+=("$1")
	shift
	spawn "$name" "$@"
	unset 'servers[-1]'
	clients+=("$spawned")
}

# host NAME argument...: a process that works by itself, a server and its own load
host() {
	counters+=("$1")
	spawn "$1" "$hosts/$1" "$run/$1.count" "${@:2}"
}

# client NAME CONNECTIONS ADDRESS: load.c with the script on standard input
client() {
	cat >"$run/$1.script"
	spawn_load "$1" "$hosts/load" "$run/$1.count" "$2" "$3" "$run/$1.script"
}

# again NAME command...: load by running a command again and again; each run is an operation
again() {
	local name=$1
	shift
	spawn_load "$name" again_loop "$name" "$@"
}

again_loop() {
	local name=$1 done=0 errors=0 stopping=''
	shift
	trap 'stopping=1' TERM
	while [ -z "$stopping" ]; do
		if "$@" >"$run/$name.last" 2>&1; then
			done=$((done + 1))
		elif [ -z "$stopping" ]; then
			errors=$((errors + 1))
			[ $errors -gt 1 ] || cp "$run/$name.last" "$run/$name.count.error"
			read -rt 0.2 <> <(:) || true
		fi
		echo "$done $errors" >"$run/$name.count.new"
		mv "$run/$name.count.new" "$run/$name.count"
	done
}

is_running() {
	local state
	state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
	[ -n "$state" ] && [ "$state" != Z ]
}

gone() { ! is_running "$1"; }

children_of() { cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n' | grep . || true; }

# end_process PID: it is asked to end, then made to; the exit status of the former
end_process() {
	local status=0
	[ -n "${1:-}" ] || return 0
	kill -TERM "$1" 2>/dev/null || true
	if ! wait_for 20 gone "$1"; then
		kill -KILL -- "-$1" 2>/dev/null || kill -KILL "$1" 2>/dev/null || true
		problem "${process_name[$1]} does not end"
	fi
	wait "$1" 2>/dev/null || status=$?
	kill -KILL -- "-$1" 2>/dev/null || true # what it may have left
	case $status in
	132 | 134 | 135 | 136 | 139) problem "${process_name[$1]} ends by signal $((status - 128))" ;;
	esac
}

stop_load() {
	local pid
	for pid in ${clients[@]+"${clients[@]}"}; do end_process "$pid"; done
	clients=()
}

# From the last that was started to the first.
stop_servers() {
	local i
	for ((i = ${#servers[@]} - 1; i >= 0; i--)); do end_process "${servers[i]}"; done
	servers=()
}

# --- waiting ---

# wait_for SECONDS command...: until it succeeds
wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		read -rt 0.05 <> <(:) || true
	done
}

# A TCP port that nobody listens on, another one each time; in $port.
choose_port() {
	for port in $(shuf -i 20000-32000 -n 50); do
		case " ${ports_taken:-} " in *" $port "*) continue ;; esac
		ports_taken="${ports_taken:-} $port"
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
	done
	return 1
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# --- counts ---

# counts FIELD: the sum of it, 1 operations, 2 errors
counts() { cat "$run"/*.count 2>/dev/null | awk -v f="$1" '{ n += $f } END { print n + 0 }'; }

# Every counter by itself, so that one client that stands still is seen: "name operations" a line.
snapshot() {
	local name operations
	for name in ${counters[@]+"${counters[@]}"}; do
		operations=0
		[ ! -e "$run/$name.count" ] || read -r operations _ <"$run/$name.count"
		echo "$name $((10#${operations:-0}))"
	done
}

# Every client has done something.
loaded() { ! snapshot | grep -q ' 0$'; }

# moved SNAPSHOT: every counter of it has grown
moved() {
	awk 'NR == FNR { old[$1] = $2; next } $1 in old && $2 <= old[$1] { still = 1 }
		END { exit still }' <(echo "$1") <(snapshot)
}

# --- problems ---

problems=''
problem() { problems+="${problems:+; }$*"; }

first_error() {
	local file
	for file in "$run"/*.count.error; do
		[ -e "$file" ] || continue
		echo "$(basename "$file" .count.error): $(tr '\n' ' ' <"$file" | cut -c1-300)"
		return
	done
}

# healthy WHEN: every process is there, no client saw an error, the program answers
healthy() {
	local pid before=$problems
	for pid in $(printf '%s\n' "${servers[@]}" "${clients[@]}" "${patched[@]}" | sort -nu); do
		is_running "$pid" || problem "$1: ${process_name[$pid]:-process $pid} is gone"
	done
	[ "$(counts 2)" -eq 0 ] || problem "$1: wrong answer: $(first_error)"
	[ "$problems" != "$before" ] || alive || problem "$1: it does not answer"
	[ "$problems" = "$before" ]
}

# hold WHEN SECONDS: under load for so long, and until every client got on
hold() {
	local since until=$((SECONDS + $2))
	since=$(snapshot)
	while [ $SECONDS -lt $until ]; do
		healthy "$1" || return 1
		read -rt 0.2 <> <(:) || true
	done
	wait_for 60 moved "$since" || { problem "$1: the load stands still"; return 1; }
	healthy "$1"
}
