# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
# sshd runs with -r: the processes of a session are forked and not executed anew, and so have the patch.
note='sshd -r and a session that lasts; ssh -M; ssh-agent; scp that takes its time'
load_packages='openssh-server openssh-client'

# In which of the programs a fix is tried.
parts() {
	if touches 'auth*' sshd.c kex.c packet.c log.c; then echo sshd; fi
	if touches 'sshconnect*' mux.c kex.c packet.c; then echo ssh; fi
	if touches ssh-agent.c ssh-pkcs11.c ssh-sk.c; then echo ssh-agent; fi
	if touches scp.c; then echo scp; fi
}
targets() { echo "$part"; }

# ssh-agent reads one more option; what runs has read its options.
case $id in CVE-2023-38408) build_options=(--leave main) note="$note; --leave main" ;; esac

keys() {
	ssh-keygen -q -t ed25519 -N '' -f "$run/host_key"
	ssh-keygen -q -t ed25519 -N '' -f "$run/key"
	cp "$run/key.pub" "$run/authorized"
	echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$run/host_key.pub")" >"$run/known"
	chmod 600 "$run/key" "$run/host_key"
}

start_sshd() {
	choose_port
	keys
	mkdir -p /var/empty # where the tree's configure wants it
	cat >"$run/sshd_config" <<-EOF
		Port $port
		ListenAddress 127.0.0.1
		HostKey $run/host_key
		AuthorizedKeysFile $run/authorized
		StrictModes no
		PidFile none
		UsePAM no
		PermitRootLogin yes
		MaxStartups 100
		Subsystem sftp $base/sftp-server
	EOF
	cat >"$run/ssh_config" <<-EOF
		Host *
		    Port $port
		    IdentityFile $run/key
		    IdentitiesOnly yes
		    UserKnownHostsFile $run/known
		    StrictHostKeyChecking yes
		    ServerAliveInterval 1
		    BatchMode yes
	EOF
	spawn sshd "$base/sshd" -D -e -r -f "$run/sshd_config"
	sshd=$spawned
	wait_for 20 listens "$port"
}

to_host() { "$base/ssh" -F "$run/ssh_config" "$@"; }

start() {
	start_sshd
	case $part in
	sshd)
		spawn session "$base/ssh" -F "$run/ssh_config" -N 127.0.0.1
		wait_for 20 has_session && session=$(children_of "$sshd")
		;;
	ssh)
		spawn master "$base/ssh" -F "$run/ssh_config" -N -M -S "$run/control" 127.0.0.1
		master=$spawned
		;;
	ssh-agent)
		spawn agent "$base/ssh-agent" -D -a "$run/agent"
		agent=$spawned
		wait_for 20 test -S "$run/agent"
		export SSH_AUTH_SOCK=$run/agent
		"$base/ssh-add" -q "$run/key"
		;;
	scp)
		head -c 40000000 /dev/urandom >"$run/from"
		spawn scp "$base/scp" -q -l 4000 -F "$run/ssh_config" -S "$base/ssh" "$run/from" "127.0.0.1:$run/to"
		scp=$spawned
		;;
	esac
}

# There are children too for whoever only knocks.
has_session() { grep -q '^Accepted' "$run/sshd.log" && [ "$(children_of "$sshd" | wc -l)" -eq 1 ]; }

load() {
	case $part in
	sshd)
		again login says_works 127.0.0.1 echo works
		again copy copies
		;;
	ssh)
		again multiplexed says_works -S "$run/control" 127.0.0.1 echo works
		again checked to_host -S "$run/control" -O check 127.0.0.1
		;;
	ssh-agent)
		rm "$run/key"
		again login says_works -o "IdentityFile=$run/key.pub" 127.0.0.1 echo works
		again list has_key
		;;
	scp) again progress grows "$run/to" ;;
	esac
}

says_works() { [ "$(to_host "$@")" = works ]; }
copies() {
	"$base/scp" -q -F "$run/ssh_config" -S "$base/ssh" "127.0.0.1:$base/ssh.c" "$run/copy" &&
		cmp -s "$base/ssh.c" "$run/copy"
}
has_key() { "$base/ssh-add" -l | grep -q ED25519; }
# What has arrived is right, and becomes more.
grows() {
	local size
	size=$(stat -c %s "$1")
	wait_for 10 larger "$1" "$size" && cmp -s -n "$size" "$run/from" "$1"
}
larger() { [ "$(stat -c %s "$1")" -gt "$2" ]; }

processes() {
	case $part in
	sshd) printf '%s\n' "$sshd" "$session" ;;
	ssh) echo "$master" ;;
	ssh-agent) echo "$agent" ;;
	scp) echo "$scp" ;;
	esac
}

alive() {
	case $part in
	ssh) to_host -S "$run/control" -O check 127.0.0.1 2>/dev/null ;;
	scp) [ -s "$run/to" ] ;;
	*) listens "$port" ;;
	esac
}
