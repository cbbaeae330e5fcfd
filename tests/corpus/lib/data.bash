# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Where the fixes and the cache are, and how the data about them is read. Sourced, never run.

corpus_root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../..")
CORPUS=${CORPUS:-$corpus_root/../shared/corpus}
CORPUS_CACHE=${CORPUS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/suture/corpus}
JOBS=${JOBS:-2}
export CORPUS CORPUS_CACHE

die() {
	echo "corpus: $*" >&2
	exit 1
}

# Exit status 77, as for a skipped test: the fixes are data of others, and no part of the tree.
need_corpus() {
	[ -r "$CORPUS/fixes.tsv" ] && [ -r "$CORPUS/programs.json" ] && return 0
	echo "corpus: skipped: there are no fixes in $CORPUS (CORPUS names another folder)" >&2
	exit 77
}

# tree_field TREE FIELD: a string of programs.json, "" if there is none
tree_field() { jq -r --arg t "$1" --arg f "$2" '.[$t][$f] // ""' "$CORPUS/programs.json"; }

# tree_configure TREE: one command a line
tree_configure() { jq -r --arg t "$1" '.[$t].configure[]?' "$CORPUS/programs.json"; }

# column NAME: the place of a column of fixes.tsv
column() { head -n 1 "$CORPUS/fixes.tsv" | tr '\t' '\n' | grep -nx "$1" | cut -d: -f1; }

# fix_field TREE ID COLUMN: "" where the table has "-"
fix_field() {
	awk -F '\t' -v t="$1" -v i="$2" -v tc="$(column tree)" -v ic="$(column id)" -v c="$(column "$3")" \
		'$tc == t && $ic == i { if ($c != "-") print $c; exit }' "$CORPUS/fixes.tsv"
}

# fixes_of TREE: the ids
fixes_of() {
	awk -F '\t' -v t="$1" -v tc="$(column tree)" -v ic="$(column id)" '$tc == t { print $ic }' \
		"$CORPUS/fixes.tsv"
}

# trees_of SET: short, or full, which is all
trees_of() {
	jq -r --arg s "$1" 'to_entries[] | select($s == "full" or .value.set == $s) | .key' \
		"$CORPUS/programs.json"
}

# base_key TREE ID: the folder of the cache in which the base of a fix is built
base_key() {
	if [ -n "$2" ] && [ -n "$(fix_field "$1" "$2" pre_patch)" ]; then
		echo "$1+$2"
	else
		echo "$1"
	fi
}

# tree_make TREE: the command that builds, from the top of the tree
tree_make() {
	local make subdir
	make=$(tree_field "$1" make) subdir=$(tree_field "$1" subdir)
	make=${make//-j2/-j$JOBS}
	if [ -n "$subdir" ]; then echo "cd $subdir && $make"; else echo "$make"; fi
}
