#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What run.sh tests must be able to fail: stand-ins for `suture build` that do one thing wrong each.
# The rest of suture is the real one. Speaks TAP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export REAL_SUTURE=${SUTURE:-$here/../../${BUILD:-build}/src/suture}
[ -x "$REAL_SUTURE" ] || { echo "Bail out! $REAL_SUTURE is missing" && exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export SCRATCH=$scratch SUTURE=$scratch/suture
count=0 result=0

# stand_in RESULT COMMANDS: a suture whose build runs these, with pack() at hand. It runs in the
# folder of the program, as the real one does.
stand_in() {
	cat >"$scratch/suture" <<-EOF
	#!/usr/bin/env bash
	[ "\$1" = build ] || exec "\$REAL_SUTURE" "\$@"
	pack() { # FUNCTION PARAMETERS BODY: a patch of a function that returns a long
		cat >"\$SCRATCH/fix.c" <<-END
		#include <suture/livepatch.h>
		static long calls;
		static long lp_new(\$2) { calls++; \$3 }
		static struct klp_func funcs[] = {
			{ .old_name = "\$1", .new_func = lp_new }, { }
		};
		static struct klp_object objs[] = { { .funcs = funcs }, { } };
		KLP_PATCH(.objs = objs, .name = "fix");
		END
		"\$REAL_SUTURE" pack "\$SCRATCH/fix.c" --target victim -o ../fix.lp
	}
	refuse() { # REASON
		[ "\${!#}" != --json ] ||
			echo '{"reasons":[{"reason":"'"\$1"'","message":"for a reason"}]}'
		echo "suture: for a reason (\$1)" >&2
		exit 1
	}
	$1
	EOF
	chmod +x "$scratch/suture"
}

# good|bad WHAT SITUATION COMMANDS [PATTERN]: what the runner must make of it
verdict() {
	local said good=1
	count=$((count + 1))
	stand_in "$4"
	"$here/run.sh" --cc gcc --opt -O2 "$3" >"$scratch/said" 2>&1 || good=0
	said=$(tail -n +2 "$scratch/said")
	if [ "$1" = good ] && [ $good -eq 1 ]; then
		echo "ok $count - $2"
	elif [ "$1" = bad ] && [ $good -eq 0 ] && grep -q -- "${5:-}" "$scratch/said"; then
		echo "ok $count - found: $2"
	else
		printf 'not ok %s - %s\n# %s\n' "$count" "$2" "${said//$'\n'/$'\n# '}"
		result=1
	fi
}

right='pack clamp "long n" "return n < 20 ? n : 20;"'
echo 1..13
verdict good "the right patch" static-function "$right"
verdict bad "no patch" static-function 'exit 0' 'not ok'
verdict bad "a patch that does nothing" static-function \
	'pack clamp "long n" "return n < 10 ? n : 10;"' "patched: 'call 50' -> '10', expected '20'"
verdict bad "a patch that answers wrong" static-function \
	'pack clamp "long n" "return n < 30 ? n : 30;"' "patched: 'call 50' -> '30', expected '20'"
verdict bad "a patch that begins to count anew" static-data \
	'pack count void "return calls + 1000;"' "patched: 'count' -> '1001', expected '1002'"
verdict bad "a patch that crashes" static-function \
	'pack clamp "long n" "*(volatile long *)0 = n; return n;"' "patched: 'call 5' -> no answer"
verdict bad "a crash in the build" static-function 'kill -SEGV $$' 'suture build: status 139'
verdict bad "refused without need" static-function 'refuse data-changed' 'suture build: status 1'
verdict bad "the tree is changed" static-function "$right; touch ../tree/frame.c" \
	'the tree was changed'
verdict good "refused for the right reason" comments-only 'refuse no-change'
verdict bad "refused for another reason" comments-only 'refuse mismatch' 'it does not say'
verdict bad "refused without the words that help" struct-member 'refuse layout-changed' \
	'the message has no "struct item"'
verdict bad "refused, and a patch is there" comments-only ': >../fix.lp; refuse no-change' \
	'and there is a .lp'
exit $result
