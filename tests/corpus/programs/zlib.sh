# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads with streams that live long'

build_hosts() { # shellcheck disable=SC2046 # flags
	compile zlib -I"$base" $(linked . z)
}
targets() { echo libz.so.1.2.11; }
start() { host zlib; }
load() { :; }
