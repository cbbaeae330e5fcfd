#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every source file says its licence in its first three lines: GPL-2.0-or-later in kmod/,
# LGPL-2.1-or-later elsewhere. Usage: check-spdx.sh [ROOT]   Prints what is wrong and exits 1.
set -eu
root=${1:-${LP_SOURCE_ROOT:-$(dirname "$0")/..}}
cd "$root"

# tracked and new files; of a tree without git: all
list() {
	if [ -e .git ]; then
		git -c safe.directory='*' ls-files --cached --others --exclude-standard
	else
		find . -type f ! -path './build*/*' | sed 's|^\./||'
	fi
}

is_source() {
	case $1 in
	*.c|*.h|*.S|*.lds|*.map|*.sh|*.bash|*.bats|*.py|*.awk|*.pml|*.scd|*.yml|*.yaml) return 0 ;;
	meson.build|*/meson.build|meson_options.txt|Makefile|*/Makefile|Kbuild|*/Kbuild) return 0 ;;
	.clang-format|completions/*) return 0 ;;
	*.md|*.json|*.patch|*.diff|*.svg|*.png|*.bin|*.lp|LICENSES/*) return 1 ;;
	esac
	# a script
	[ "$(head -c 2 -- "$1" | tr -d '\0')" = '#!' ]
}

licence() {
	case $1 in
	kmod/*) echo GPL-2.0-or-later ;;
	*) echo LGPL-2.1-or-later ;;
	esac
}

list | sort -u | {
	bad=0 seen=0
	while IFS= read -r file; do
		# deleted but still tracked; a link is checked where it points to
		if [ ! -f "$file" ] || [ -L "$file" ]; then
			continue
		fi
		is_source "$file" || continue
		seen=$((seen + 1))
		found=$(sed -n '1,3s/.*SPDX-License-Identifier:[[:space:]]*\([^[:space:]*]*\).*/\1/p;3q' \
			"$file" | head -n 1)
		wanted=$(licence "$file")
		if [ -z "$found" ]; then
			echo "$file: no SPDX-License-Identifier in the first three lines"
			bad=1
		elif [ "$found" != "$wanted" ]; then
			echo "$file: licence is $found, should be $wanted"
			bad=1
		fi
	done
	[ $seen -gt 0 ] || { echo "check-spdx: no sources in $root" >&2; bad=1; }
	exit $bad
}
