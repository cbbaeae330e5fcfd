# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 4 threads: SFTP, a list of keys, and logins; an sshd for it'
load_packages='openssh-server'

# shellcheck source=tests/corpus/lib/sshd.bash
. "$here/lib/sshd.bash"

build_hosts() { # shellcheck disable=SC2046 # flags
	compile ssh2_keys && compile ssh2 -I"$base/include" $(linked src/.libs ssh2)
}
targets() { echo src/.libs/libssh2.so.1; }
start() {
	start_sshd "Subsystem publickey $hosts/ssh2_keys" 'PasswordAuthentication yes'
	host ssh2 "$sshd_port" "$run"
	client=$spawned
}
load() { :; }
processes() { echo "$client"; }
