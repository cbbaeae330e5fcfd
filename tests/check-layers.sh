#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Which layer may include which (ARCHITECTURE.md, "Layers"). Usage: check-layers.sh [ROOT]
# Prints each include that breaks a rule and exits 1.
set -eu
root=${1:-${LP_SOURCE_ROOT:-$(dirname "$0")/..}}
cd "$root"

# layer: the layers it may use besides itself and include/
rules='
include:
core:
x86_64: core
elf:
agent: core x86_64
units:
build: elf x86_64 units
inject: elf
cli: x86_64 elf units build inject
kmod: core
'
# single headers that a layer may use although it may not use their layer
exceptions='
cli src/core/reason.h words and sentences of reasons are one list for agent and command line
'
# the only file of the core that may include headers from outside the tree
core_window=src/core/host.h

folders=
for folder in include src kmod; do
	[ ! -d $folder ] || folders="$folders $folder"
done
# shellcheck disable=SC2086
files=$(find $folders -type f -name '*.[chS]' | sort)
[ -n "$files" ] || { echo "check-layers: no sources in $root" >&2; exit 1; }

# shellcheck disable=SC2086
grep -nHE '^[[:space:]]*#[[:space:]]*(include|include_next|import)\>' $files |
awk -v rules="$rules" -v exceptions="$exceptions" -v core_window="$core_window" '
function wrong(why) { print place ": " why; bad = 1 }
function exists(path,   line, result) {
	result = (getline line < path) >= 0
	if (result)
		close(path)
	return result
}
function normal(path,   parts, n, i, out, top) {
	n = split(path, parts, "/")
	top = 0
	for (i = 1; i <= n; i++) {
		if (parts[i] == "" || parts[i] == ".")
			continue
		if (parts[i] == ".." && top > 0 && out[top] != "..")
			top--
		else
			out[++top] = parts[i]
	}
	path = out[1]
	for (i = 2; i <= top; i++)
		path = path "/" out[i]
	return path
}
function layer(path,   parts) {
	split(path, parts, "/")
	if (parts[1] == "src")
		return parts[2]
	return parts[1]
}
# the file of the tree that is meant, or ""
function resolve(file, name, quoted,   directory, path) {
	directory = file
	sub(/[^\/]*$/, "", directory)
	if (quoted && exists(path = normal(directory name)))
		return path
	if (exists(path = normal("src/" name)))
		return path
	if (exists(path = normal("include/" name)))
		return path
	return ""
}
function check(file, name, quoted,   from, to, path) {
	from = layer(file)
	path = resolve(file, name, quoted)
	if (!(from in may)) {
		wrong("folder " from " is no layer; add it to the rules")
	} else if (path == "" && quoted) {
		wrong("\"" name "\" is not in the tree")
	} else if (path == "") {
		if (from == "core" && file != core_window)
			wrong("core includes <" name ">; its only window to the world is " core_window)
	} else {
		to = layer(path)
		if (to != from && to != "include" && index(may[from], " " to " ") == 0 &&
		    !((from " " path) in exception))
			wrong(from " may not use " to " (" path ")")
	}
}
BEGIN {
	n = split(rules, line, "\n")
	for (i = 1; i <= n; i++) {
		if (split(line[i], part, ":") == 2)
			may[part[1]] = part[2] " "
	}
	n = split(exceptions, line, "\n")
	for (i = 1; i <= n; i++) {
		if (split(line[i], part, " ") > 2)
			exception[part[1] " " part[2]] = 1
	}
}
{
	split($0, part, ":")
	file = part[1]
	place = part[1] ":" part[2]
	text = substr($0, length(place) + 2)
	if (match(text, /"[^"]*"/))
		check(file, substr(text, RSTART + 1, RLENGTH - 2), 1)
	else if (match(text, /<[^>]*>/))
		check(file, substr(text, RSTART + 1, RLENGTH - 2), 0)
	else
		wrong("cannot tell what this includes")
}
END { exit bad }
'
