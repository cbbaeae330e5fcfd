#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the redis that Debian had before it fixed a CVE: the upstream source with all of Debian's
# patches up to that fix. Nothing of it is part of this tree.
#
#	build-redis.sh CVE...
#
# Takes the first of the CVEs whose fix Debian's source package has as a patch of its own. Prints a
# folder of the cache with redis/ (built), fix.patch, the CVE in "fix", and the command that built it
# in "make"; a second run only looks it up. Exit status 1: it cannot be had, the reason is on stderr.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=demo/source.sh
. ./source.sh
# The name of the folder is what the build depends on.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/suture/redis-$(. /etc/os-release && echo "$VERSION_ID")

for cve in "$@"; do
	if [ -e "$cache-$cve/built" ]; then
		echo "$cache-$cve"
		exit 0
	fi
done

# The first patch of the series that fixes one of the CVEs.
find_fix() {
	local series=$work/source/debian/patches/series
	for cve in "$@"; do
		fix=$(grep -E "^[^#]*$cve(\.patch|[ .]|$)" "$series" | head -n 1) || continue
		fix=${fix%% *}
		return 0
	done
	echo "Debian's redis has none of $* as a patch of its own" >&2
	exit 1
}

# The source as it was before the fix.
unpack() {
	local patch
	mkdir -p "$home/redis"
	tar -C "$home/redis" --strip-components=1 --no-same-owner -xf "$(ls "$work"/source/*.orig.tar.*)"
	while read -r patch _; do
		case $patch in '' | '#'*) continue ;; "$fix") break ;; esac
		patch -d "$home/redis" -p1 -s <"$work/source/debian/patches/$patch"
	done <"$work/source/debian/patches/series"
	cp "$work/source/debian/patches/$fix" "$home/fix.patch"
	echo "$cve" >"$home/fix"
}

try 'the packages to build redis cannot be installed' install_packages gcc g++ libc6-dev make patch \
	pkg-config tar xz-utils ca-certificates
prepare_apt
mkdir -p "$work/source"
cd "$work/source"
try 'the source package of redis cannot be fetched' fetch_source redis
try 'the source package of redis is not as expected' \
	tar --no-same-owner -xf "$(ls redis_*.debian.tar.*)"
find_fix "$@"
home=$cache-$cve
rm -rf "$home"
mkdir -p "$home"
try "Debian's patches do not apply" unpack
echo "building redis as it was before $cve was fixed ..." >&2
echo "make -s -j$(nproc) MALLOC=libc OPTIMIZATION=-O2 redis-server" >"$home/make"
try 'redis does not build' env -C "$home/redis" sh -c "$(cat "$home/make")"
touch "$home/built"
echo "$home"
