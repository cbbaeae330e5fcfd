#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Verifies the pending-word protocol (pending.pml) in each configuration, and shows that each
# planted fault is found and that what should be able to happen can. One line for each; exit
# status 1 if any is not as it should be.
#
# usage: run.sh [NAME...]   only the lines of these names
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
memory_mb=${MODEL_MEMORY_MB:-4000}
depth=2000000
failed=0
done_any=0

# verify EXPECTED NAME DEFINE...
# EXPECTED: holds (the whole state space, no error), found (an invariant broken), or reached
verify()
{
	local expected=$1 name=$2 start=$SECONDS result optimize=-O0
	shift 2
	# what ends early does not repay the compiler's time
	[ "$expected" = holds ] && optimize=-O2
	if [ "$only" != "" ] && [[ " $only " != *" $name "* ]]; then
		return
	fi
	done_any=1
	if ! (cd "$work" && rm -f pan* *.trail &&
	      spin -a "$@" "$here/pending.pml" > spin.out 2>&1 &&
	      ${CC:-cc} $optimize -w -DSAFETY -DVECTORSZ=512 -DMEMLIM="$memory_mb" -o pan pan.c) ||
	   ! (cd "$work" && ./pan -m$depth -w22 > pan.out 2>&1; [ -s pan.out ]); then
		result=broken
	elif grep -q -E 'max search depth too small|out of memory|aborting' "$work/pan.out"; then
		result=incomplete
	elif grep -q 'assertion violated *!((\([0-9]\)==\1))' "$work/pan.out"; then
		result=reached
	elif grep -q 'assertion violated' "$work/pan.out"; then
		result=found
	elif grep -q 'errors: 0' "$work/pan.out" &&
	     ! grep -q 'Search not completed' "$work/pan.out"; then
		result=holds
	else
		result=broken # a deadlock, say: no fault is planted that may show as one
	fi
	report "$expected" "$result" "$name" $((SECONDS - start)) "$*"
}

report()
{
	local states
	states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' "$work/pan.out" 2> /dev/null)
	if [ "$1" = "$2" ]; then
		printf 'ok   '
	else
		printf 'FAIL '
		failed=1
		cat "$work/spin.out" "$work/pan.out" >&2 2> /dev/null
	fi
	printf '%-22s %-7s %10s states %3d s  %s\n' "$3" "$2" "${states:-?}" "$4" "$5"
}

only=$*

verify holds one-task -DTASKS=1 -DDEEP=3 -DREVERSES=2
verify holds one-task-again -DTASKS=1 -DEPOCHS=2 -DREVERSES=2
verify holds one-task-force -DTASKS=1 -DEPOCHS=1 -DREVERSES=1 -DFORCE
verify holds two-tasks -DTASKS=2 -DREVERSES=1
verify holds two-tasks-reversed -DTASKS=2 -DDEEP=1 -DREVERSES=2
verify holds two-tasks-newborn -DTASKS=2 -DDEEP=1 -DREVERSES=2 -DNEWBORN
verify holds two-tasks-force -DTASKS=2 -DDEEP=1 -DREVERSES=1 -DNEWBORN -DFORCE

one="-DTASKS=1 -DREVERSES=1"
verify found no-pending $one -DNO_PENDING
verify found no-fence $one -DNO_FENCE
verify found stub-not-busy $one -DSTUB_NOT_BUSY
verify found no-second-read $one -DNO_SECOND_READ
verify found no-stack $one -DNO_STACK
verify found blind-store $one -DBLIND_STORE
verify found pending-forgets $one -DPENDING_FORGETS
verify found early-check $one -DEARLY_CHECK
verify found early-target $one -DEPOCHS=2 -DEARLY_TARGET
verify found stale-stub-not-busy $one -DEPOCHS=2 -DSTALE_STUB_NOT_BUSY

reachable=0
for name in patched-all reversed-all switched-by-checker switched-by-nudge switched-by-itself \
	    kept-in-reverse mark-removed stale-stub-used patched-twice; do
	reachable=$((reachable + 1))
	verify reached "$name" $one -DEPOCHS=2 -DREACH=$reachable
done

if [ $done_any = 0 ]; then
	echo "run.sh: no such name: $only" >&2
	exit 2
fi
exit $failed
