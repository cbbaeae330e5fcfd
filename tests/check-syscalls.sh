#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the agent asks of the kernel must be what inject looks for in a target's system call filters:
# a call that is missing there can kill the target. Usage: check-syscalls.sh [ROOT]
set -eu
cd "${1:-${LP_SOURCE_ROOT:-$(dirname "$0")/..}}"
looked_for=$(sed -n 's/^[[:space:]]*CALL([A-Z]*, \([a-z0-9_]*\).*/\1/p' src/inject/seccomp.c)
bad=0

# faults and planted bugs are not in a release; a thread that ends the process needs no permission
used=$(find src/agent -name "*.[ch]" ! -name "sys_faults.c" -exec cat {} + | tr '\n' ' ' |
	grep -oE 'lp_sys(_raw)?\([[:space:]]*__NR_[a-z0-9_]+' | sed 's/.*__NR_//' | sort -u)
[ "$(echo "$used" | wc -l)" -gt 20 ] || { echo "check-syscalls: finds no calls"; exit 1; }
for call in $used; do
	case $call in nanosleep) continue ;; esac # LP_BUG_NO_PENDING
	if ! echo "$looked_for" | grep -qx "$call"; then
		echo "$call: used in $(grep -l "__NR_$call\b" src/agent/*.c | tr '\n' ' ')- not in src/inject/seccomp.c"
		bad=1
	fi
done
exit $bad
