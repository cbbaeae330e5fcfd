#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what building and testing need, on Debian 12 or 13, and only what is missing.
set -eu

packages='gcc libc6-dev make meson ninja-build pkg-config
	libelf-dev libdw-dev libzydis-dev libjansson-dev libxxhash-dev libunwind-dev
	libcmocka-dev bats jq scdoc elfutils binutils procps util-linux
	clang clang-format shellcheck spin memcached
	g++ patch diffutils autoconf automake libtool cmake ccache'

command -v dpkg-query >/dev/null || exit 0 # another distribution: meson says what is missing
# shellcheck disable=SC2086 # a list of words
installed=" $(dpkg-query -W -f '${Package}:${db:Status-Status} ' $packages 2>/dev/null || true)"
missing=
for package in $packages; do
	case $installed in
	*" $package:installed "*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "deps: missing, to be installed as root:$missing" >&2
	exit 1
fi
echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# A package that starts a service must not do so on the machine of who only wants to build.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
	trap 'rm -f $policy' EXIT
fi
apt-get -qq update
# shellcheck disable=SC2086 # a list of words
apt-get -qq install -y --no-install-recommends $missing >/dev/null
