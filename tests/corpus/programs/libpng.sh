# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads that write and read images'

build_hosts() { # shellcheck disable=SC2046 # flags
	compile png -I"$base" $(linked .libs png16) -lz -lm
}
targets() { echo .libs/libpng16.so.16; }
start() { host png; }
load() { :; }
