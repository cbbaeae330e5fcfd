# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads with both ends of sessions'

build_hosts() { # shellcheck disable=SC2046 # flags
	compile nghttp2 -I"$base/lib/includes" $(linked lib/.libs nghttp2)
}
targets() { echo lib/.libs/libnghttp2.so.14; }
start() { host nghttp2; }
load() { :; }
