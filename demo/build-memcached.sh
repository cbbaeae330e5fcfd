#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds memcached from Debian's source package and prints the path of the program. It is kept in
# the cache; a second run only looks it up. apt works with a configuration, lists and archives of its
# own, in a temporary folder: the host's are not touched, and nothing is installed (the headers of
# libevent are unpacked there too). Exit status 1: it cannot be had, the reason is on stderr.
set -euo pipefail
demo=$(realpath "$(dirname "$0")")

version=$(dpkg-query -W -f '${source:Version}' memcached)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/suture/memcached-$version
if [ -x "$cache/memcached" ]; then
	echo "$cache/memcached"
	exit 0
fi

# shellcheck source=demo/source.sh
. "$demo/source.sh"

# memcached's headers of libevent, and the library to link with: the one that is installed.
unpack_libevent() {
	local library
	mkdir -p "$work/dev" "$work/link"
	cd "$work/dev"
	private_apt apt-get download libevent-dev
	dpkg-deb -x libevent-dev_*.deb .
	library=$(ldd /usr/bin/memcached | awk '/libevent-2/ { print $3 }')
	ln -s "$library" "$work/link/libevent.so"
}

build() {
	local dev=$work/dev/usr/include
	cd "$work/source"
	private_apt apt-get source "memcached=$version"
	cd memcached-*/
	./configure -q --disable-docs CFLAGS='-g -O2' \
		CPPFLAGS="-I$dev -I$dev/$(gcc -print-multiarch)" LDFLAGS="-L$work/link"
	sed -i 's/-Werror//g' Makefile
	make -s memcached
	mkdir -p "$cache"
	cp memcached "$cache/memcached.new"
	mv "$cache/memcached.new" "$cache/memcached"
}

prepare_apt
mkdir -p "$work/source"
try 'libevent-dev cannot be fetched' unpack_libevent
try 'the source package does not build' build
echo "$cache/memcached"
