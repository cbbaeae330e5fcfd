# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads that ask a server within it'

build_hosts() { # shellcheck disable=SC2046 # flags
	compile cares -I"$base/include" $(linked src/lib/.libs cares)
}
targets() { echo src/lib/.libs/libcares.so.2; }
start() { host cares; }
load() { :; }
