# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads; xmllint --shell that waits for commands'

parts() {
	if touches xmllint.c; then echo xmllint; fi
	if ! touches xmllint.c || [ -z "$id" ]; then echo library; fi
}

build_hosts() { # shellcheck disable=SC2046 # flags
	compile xml2 -I"$base/include" $(linked .libs xml2)
}

targets() {
	case $part in
	xmllint) printf '%s\n' .libs/xmllint .libs/libxml2.so.2.9.14 ;;
	library) echo .libs/libxml2.so.2.9.14 ;;
	esac
}

start() {
	case $part in
	xmllint) start_xmllint ;;
	library) host xml2 ;;
	esac
}

# A shell whose commands come from a pipe that stays open.
start_xmllint() {
	printf '<list><a>one</a><b>two</b></list>\n' >"$run/list.xml"
	mkfifo "$run/commands"
	exec {commands}<>"$run/commands"
	# shellcheck disable=SC2016 # expanded by the shell within
	spawn xmllint env LD_LIBRARY_PATH="$base/.libs" bash -c 'exec "$0" --shell "$1" <"$2"' \
		"$base/.libs/xmllint" "$run/list.xml" "$run/commands"
}

load() {
	[ "$part" = library ] || again commands commands
}

# Each command is answered.
commands() {
	local before
	before=$(grep -c 'two is two' "$run/xmllint.log")
	echo 'xpath concat(//b, " is two")' >"$run/commands"
	wait_for 10 answered "$before"
}
answered() { [ "$(grep -c 'two is two' "$run/xmllint.log")" -gt "$1" ]; }
