# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads that parse documents in pieces'

build_hosts() { # shellcheck disable=SC2046 # flags
	compile expat -I"$base/expat/lib" $(linked expat/lib/.libs expat)
}
targets() { echo expat/lib/.libs/libexpat.so.1; }
start() { host expat; }
load() { :; }
