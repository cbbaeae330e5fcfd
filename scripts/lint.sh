#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Formatting, shell scripts, and the rules of the tree that a script can hold.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0

find src include kmod tests bench docs/examples -name '*.[ch]' 2>/dev/null | sort |
	xargs -r clang-format --dry-run -Werror || status=1
if command -v shellcheck >/dev/null; then
	find scripts tests bench .ci -name '*.sh' -o -path .ci/run -type f | sort |
		xargs -r shellcheck -S warning || status=1
fi
for check in tests/check-*.sh; do
	[ -e "$check" ] || continue
	sh "$check"
	case $? in 0 | 77) ;; *) status=1 ;; esac # 77: it needs a build, and runs with the tests
done
[ $status -eq 0 ] && echo "lint: clean"
exit $status
