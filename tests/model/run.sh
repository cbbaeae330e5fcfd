#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Verifies the protocol of word, marks and eras (protocol.pml) in each configuration, and shows that
# each planted fault is found and that what should be able to happen can. One line for each; exit
# status 1 if any is not as it should be.
#
# usage: [FULL=1] run.sh [NAME...]   only the lines of these names; FULL: the big ones too
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
memory_mb=${MODEL_MEMORY_MB:-5500}
depth=1000000
failed=0
done_any=0

# verify EXPECTED NAME DEFINE...
# EXPECTED: holds (the whole state space, no error), found (an invariant broken), or reached
verify()
{
	local expected=$1 name=$2 start=$SECONDS result optimize=-O0
	shift 2
	# what ends early does not repay the compiler's time
	[ "$expected" = holds ] && optimize=-O1
	if [ "$only" != "" ] && [[ " $only " != *" $name "* ]]; then
		return
	fi
	done_any=1
	if ! (cd "$work" && rm -f pan* ./*.trail &&
	      spin -a "$@" "$here/protocol.pml" > spin.out 2>&1 &&
	      ${CC:-cc} $optimize -w -DSAFETY -DNOFAIR -DVECTORSZ=512 -DMEMLIM="$memory_mb" \
		      -o pan pan.c) ||
	   ! (cd "$work" && ./pan -m$depth -w22 > pan.out 2>&1; [ -s pan.out ]); then
		result=broken
	elif grep -q -E 'max search depth too small|out of memory|aborting' "$work/pan.out"; then
		result=incomplete
	elif grep -q 'assertion violated *!((\([0-9]*\)==\1))' "$work/pan.out"; then
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
	printf '%-24s %-7s %9s states %3d s  %s\n' "$3" "$2" "${states:-?}" "$4" "$5"
}

only=$*
two="-DTASKS=2 -DDEEP=1 -DNO_SIGNALS -DNO_DOUBT"

verify holds one-task -DDEEP=2 -DREVERSES=1
verify holds one-task-reverses -DDEEP=1 -DREVERSES=2
verify holds one-task-others -DDEEP=1 -DREVERSES=2 -DOTHERS
verify holds one-task-sites -DDEEP=1 -DREVERSES=1 -DSITES=2
verify holds one-task-alone -DDEEP=2 -DREVERSES=0 -DALONE
verify holds one-task-alone-reverse -DDEEP=1 -DREVERSES=1 -DALONE
verify holds one-task-jumps -DDEEP=2 -DREVERSES=0 -DJUMPS
verify holds one-task-force -DDEEP=1 -DREVERSES=1 -DFORCE
verify holds reborn -DDEEP=2 -DREVERSES=0 -DLIVES=1
verify holds two-transitions -DDEEP=2 -DREVERSES=0 -DTRANSITIONS=2
verify holds two-transitions-abandon -DDEEP=1 -DREVERSES=0 -DTRANSITIONS=2 -DABANDON
verify holds two-tasks $two -DREVERSES=0
verify holds two-tasks-newborn $two -DREVERSES=0 -DLIVES=1 -DBORN
if [ "${FULL:-}" != "" ]; then
	verify holds one-task-sites-nested -DDEEP=2 -DREVERSES=0 -DSITES=2
	verify holds one-task-nested-reverses -DDEEP=2 -DREVERSES=2 -DNO_SIGNALS
	verify holds one-task-deep -DDEEP=3 -DREVERSES=0 -DNO_SIGNALS
	verify holds two-transitions-reverse -DDEEP=1 -DREVERSES=1 -DTRANSITIONS=2 -DABANDON
	verify holds reborn-reverse -DDEEP=1 -DREVERSES=1 -DLIVES=2 -DOTHERS
fi

one="-DDEEP=2 -DREVERSES=1"
flat="-DDEEP=1 -DREVERSES=1"
if [ "${FULL:-}" != "" ]; then # what does no harm; protocol.md says why
	verify holds mark-era-unchecked $one -DPLANTED=MARK_ERA_UNCHECKED
	verify holds plain-mark $one -DPLANTED=PLAIN_MARK
	verify holds one-mark $one -DPLANTED=ONE_MARK
fi
again="-DDEEP=2 -DREVERSES=0 -DTRANSITIONS=2"
verify found no-mark $one -DPLANTED=NO_MARK
verify found no-bump $one -DPLANTED=NO_BUMP
verify found stub-not-busy $one -DPLANTED=STUB_NOT_BUSY
verify found no-stack $one -DPLANTED=NO_STACK
verify found no-second-read $one -DPLANTED=NO_SECOND_READ
verify found no-own-scan $one -DPLANTED=NO_OWN_SCAN
verify found late-take $one -DPLANTED=LATE_TAKE
verify found no-confirm-bump $flat -DPLANTED=NO_CONFIRM_BUMP
verify found no-holding -DDEEP=1 -DREVERSES=0 -DSITES=2 -DPLANTED=NO_HOLDING
verify found no-closing -DDEEP=2 -DREVERSES=0 -DLIVES=1 -DPLANTED=NO_CLOSING
verify found no-reread $one -DPLANTED=NO_REREAD
verify found bump-clears $one -DPLANTED=BUMP_CLEARS
verify found no-count $one -DPLANTED=NO_COUNT
verify found bump-repeats $one -DPLANTED=BUMP_REPEATS
verify found mark-order-ignored $one -DPLANTED=MARK_ORDER_IGNORED
verify found plain-stores $one -DPLANTED=PLAIN_STORES
verify found view-first $flat -DPLANTED=VIEW_FIRST
verify found stale-stub-not-busy $again -DPLANTED=STALE_STUB_NOT_BUSY
verify found stale-stub-knows $again -DPLANTED=STALE_STUB_KNOWS

reachable=0
for name in patched-all reversed-all switched-by-checker switched-by-handler switched-by-itself \
	    kept-in-reverse mark-taken approval-void confirmed-by-bump confirm-failed \
	    decision-failed stale-stub-used born-while-closing woke-during-look there-and-back; do
	reachable=$((reachable + 1))
	case $name in
	stale-stub-used | there-and-back)
		verify reached $name $again -DREACH=$reachable ;;
	confirm*)
		verify reached $name $flat -DREACH=$reachable ;;
	born-while-closing)
		verify reached $name -DDEEP=2 -DREVERSES=0 -DLIVES=1 -DREACH=$reachable ;;
	*)
		verify reached $name $one -DREACH=$reachable ;;
	esac
done

if [ $done_any = 0 ]; then
	echo "run.sh: no such name: $only" >&2
	exit 2
fi
exit $failed
