# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # run, port and spawned are set by who sources this
# Debian's sshd, for clients to be tried with. Needs openssh-server. Sourced by files in programs/.

# start_sshd [LINE...]: on $sshd_port; root logs in with the key $run/key, whose home is $run/home for
# sftp; each LINE is one more of its configuration
start_sshd() {
	choose_port
	sshd_port=$port
	ssh-keygen -q -t ed25519 -N '' -f "$run/host_key"
	ssh-keygen -q -t ecdsa -N '' -f "$run/key"
	cp "$run/key.pub" "$run/authorized"
	chmod 600 "$run/key" "$run/host_key"
	mkdir -p "$run/home" /run/sshd # where Debian's sshd wants an empty folder
	{
		cat <<-EOF
			Port $sshd_port
			ListenAddress 127.0.0.1
			HostKey $run/host_key
			AuthorizedKeysFile $run/authorized
			StrictModes no
			PidFile none
			UsePAM no
			PermitRootLogin yes
			MaxStartups 100
			Subsystem sftp /usr/lib/openssh/sftp-server -d $run/home
		EOF
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$run/sshd_config"
	spawn sshd /usr/sbin/sshd -D -e -f "$run/sshd_config"
	wait_for 20 listens "$sshd_port"
}
