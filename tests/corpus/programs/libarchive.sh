# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads that read archives and write their own'

build_hosts() { # shellcheck disable=SC2046 # flags
	compile archive -I"$base/libarchive" $(linked .libs archive)
}
targets() { echo .libs/libarchive.so.13; }
start() { host archive "$base/libarchive/test"; }
load() { :; }
