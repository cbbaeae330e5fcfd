#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The agent is one file for many systems: no library but libc and ld.so, no symbol version newer
# than GLIBC_2.17, no executable stack, no text relocations, nothing exported but its interface (and gdb's).
set -u
build=${LP_BUILD_ROOT:-$(dirname "$0")/../build}
agent=$build/src/suture-agent.so
status=0
[ -e "$agent" ] || exit 77

problem() {
	echo "suture-agent.so: $1"
	status=1
}

for library in $(readelf -dW "$agent" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
	case $library in
	libc.so.6 | ld-linux-x86-64.so.2) ;;
	*) problem "needs $library" ;;
	esac
done
for version in $(readelf -VW "$agent" | grep -o 'GLIBC_[0-9.]*' | sort -u); do
	newest=$(printf '%s\nGLIBC_2.17\n' "$version" | sort -V | tail -n 1)
	[ "$newest" = GLIBC_2.17 ] || problem "needs $version"
done
for symbol in $(nm -D --defined-only "$agent" | awk '{ print $3 }'); do
	case $symbol in
	suture_* | __jit_debug_descriptor | __jit_debug_register_code) ;; # the latter for gdb
	*) problem "exports $symbol" ;;
	esac
done
readelf -lW "$agent" | grep 'GNU_STACK.*E' && problem "has an executable stack"
readelf -dW "$agent" | grep TEXTREL && problem "has text relocations"
exit $status
