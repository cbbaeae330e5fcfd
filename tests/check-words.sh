#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Words that scripts rely on are documented: every reason and blocker of src/core/reason.h in
# suture(1); and every command has its man page, its help and its completion.
set -u
cd "${LP_SOURCE_ROOT:-$(dirname "$0")/..}" || exit 1
status=0

for word in $(grep -ho '^[[:space:]]*X([A-Z_]*, "[a-z-]*"' src/core/reason.h | cut -d'"' -f2); do
	[ "$word" = none ] && continue
	grep -qF -- "$word" docs/man/suture.1.scd || {
		echo "docs/man/suture.1.scd: no word about $word"
		status=1
	}
done
for command in $(sed -n 's/^\t{ "\([a-z]*\)", lp_cmd_.*/\1/p' src/cli/main.c); do
	for file in "docs/man/suture-$command.1.scd" "src/cli/cmd_$command.c"; do
		[ -e "$file" ] || { echo "$file is missing"; status=1; }
	done
	grep -qw "$command" completions/suture || {
		echo "completions/suture: no $command"
		status=1
	}
done
exit $status
