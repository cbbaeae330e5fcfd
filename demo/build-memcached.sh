#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds memcached from Debian's source package and prints the path of the program. It is kept in
# the cache; a second run only looks it up. apt works with a configuration, lists and archives of its
# own, in a temporary folder: the host's are not touched, and nothing is installed (the headers of
# libevent are unpacked there too). Exit status 1: it cannot be had, the reason is on stderr.
set -euo pipefail

version=$(dpkg-query -W -f '${source:Version}' memcached)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/suture/memcached-$version
if [ -x "$cache/memcached" ]; then
	echo "$cache/memcached"
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exec 3>&1 4>&2 >"$work/log" 2>&1

# try "what to say if it fails" command...
try() {
	local message=$1 status
	shift
	set +e
	(set -e && "$@")
	status=$?
	set -e
	[ $status -ne 0 ] || return 0
	tail -n 5 "$work/log" >&4
	echo "$message" >&4
	exit 1
}

# The repositories of the distribution that apt knows, with their sources.
repositories() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg option='' site release component
	[ ! -e $keyring ] || option="[signed-by=$keyring]"
	apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
		'Created-By: Packages' | sort -u | while IFS='|' read -r origin site release component; do
		[ "$origin" = Debian ] && [ "$component" = main ] || continue
		echo "deb $option $site $release $component"
		echo "deb-src $option $site $release $component"
	done
}

apt() {
	apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" \
		-o APT::Sandbox::User="$(id -un)" "$@"
}

# memcached's headers of libevent, and the library to link with: the one that is installed.
unpack_libevent() {
	local library
	mkdir -p "$work/dev" "$work/link"
	cd "$work/dev"
	apt download libevent-dev
	dpkg-deb -x libevent-dev_*.deb .
	library=$(ldd /usr/bin/memcached | awk '/libevent-2/ { print $3 }')
	ln -s "$library" "$work/link/libevent.so"
}

build() {
	local dev=$work/dev/usr/include
	cd "$work/source"
	apt source "memcached=$version"
	cd memcached-*/
	./configure -q --disable-docs CFLAGS='-g -O2' \
		CPPFLAGS="-I$dev -I$dev/$(gcc -print-multiarch)" LDFLAGS="-L$work/link"
	sed -i 's/-Werror//g' Makefile
	make -s memcached
	mkdir -p "$cache"
	cp memcached "$cache/memcached.new"
	mv "$cache/memcached.new" "$cache/memcached"
}

mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
repositories >"$work/sources.list"
try 'apt knows no repository of Debian' test -s "$work/sources.list"
try 'the list of source packages cannot be fetched' apt update
try 'libevent-dev cannot be fetched' unpack_libevent
try 'the source package does not build' build
echo "$cache/memcached" >&3
