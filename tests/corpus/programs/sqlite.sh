# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads with databases, sessions and full-text search'

build_hosts() { # shellcheck disable=SC2046 # flags
	compile sqlite -DSQLITE_ENABLE_SESSION -DSQLITE_ENABLE_PREUPDATE_HOOK -I"$base" $(linked .libs sqlite3)
}
targets() { echo .libs/libsqlite3.so.0; }
start() { host sqlite; }
load() { :; }
