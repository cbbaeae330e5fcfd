# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='one thread; forwards and validates; a fork per TCP query'
load_packages='ldnsutils nsd'

# shellcheck source=tests/corpus/lib/zone.bash
. "$here/lib/zone.bash"

targets() { echo src/dnsmasq; }

# The root, which knows that one zone is signed and the other one is not.
sign_root() (
	local key
	cd "$run" || return
	cat >root.zone <<-'END'
		. 1 IN SOA ns.root. admin.root. 1 3600 600 86400 1
		. 1 IN NS ns.root.
		ns.root. 1 IN A 127.0.0.1
		corpus. 1 IN NS ns.root.
		signed. 1 IN NS ns.root.
	END
	cat anchor.ds >>root.zone
	key=$(ldns-keygen -a ECDSAP256SHA256 -k .) || return
	cp "$key.ds" root.ds
	ldns-signzone -n -f root.zone.signed root.zone "$key"
)

# The server that it asks.
start_nsd() {
	{ sign_zone && sign_root; } >"$run/sign.log" 2>&1 || problem "signing: $(tail -n 1 "$run/sign.log")"
	choose_port
	nsd_port=$port
	cat >"$run/corpus.zone" <<-'END'
		$ORIGIN corpus.
		@ 1 IN SOA ns.corpus. admin.corpus. 1 3600 600 86400 1
		@ 1 IN NS ns.corpus.
		* 1 IN A 10.1.2.3
	END
	cat >"$run/nsd.conf" <<-END
		server:
		    ip-address: 127.0.0.1@$nsd_port
		    username: ""
		    chroot: ""
		    zonesdir: "$run"
		    pidfile: ""
		    database: ""
		    xfrdfile: "$run/xfrd.state"
		    zonelistfile: "$run/zone.list"
		    cookie-secret-file: ""
		    rrl-ratelimit: 0
		remote-control:
		    control-enable: no
		zone:
		    name: "corpus."
		    zonefile: "corpus.zone"
		zone:
		    name: "signed."
		    zonefile: "signed.zone.signed"
		zone:
		    name: "."
		    zonefile: "root.zone.signed"
	END
	spawn nsd /usr/sbin/nsd -d -c "$run/nsd.conf"
	wait_for 20 listens "$nsd_port"
}

# anchor: the DS record as --trust-anchor has it
anchor() { awk '{ print ".," $4 "," $5 "," $6 "," $7 }' FS='[ \t]+' "$run/root.ds"; }

start() {
	start_nsd
	choose_port
	spawn dnsmasq "$base/src/dnsmasq" --keep-in-foreground --conf-file=/dev/null --user=root \
		--pid-file= --log-facility=- --port="$port" --listen-address=127.0.0.1 \
		--bind-interfaces --no-resolv --no-hosts --cache-size=500 \
		--address=/local/10.5.5.5 --host-record=host.named,10.6.6.6 \
		--srv-host=_s._tcp.named,host.named,99 --dnssec --trust-anchor="$(anchor)" \
		--server="127.0.0.1#$nsd_port"
	dnsmasq=$spawned
}
processes() { echo "$dnsmasq"; }

script() {
	echo loop
	dns_question '\x01\x00' '\x0bn%n-%c\x06corpus' # never asked before
	printf 'until \\x0a\\x01\\x02\\x03\n'
	dns_question '\x01\x00' '\x07x%n\x05local'
	printf 'until \\x0a\\x05\\x05\\x05\n'
	dns_question '\x01\x00' '\x04host\x05named'
	printf 'until \\x0a\\x06\\x06\\x06\n'
	# An answer that is not what was signed would be an error.
	dns_question '\x01\x20' '\x03www\x06signed'
	printf 'until \\x0a\\x04\\x05\\x06\n'
	dns_question '\x01\x20' '\x07n%n\x04wild\x06signed'
	printf 'until \\x0a\\x07\\x08\\x09\n'
	dns_question '\x01\x20' '\x07x%n\x06signed' # none, and no error
	printf 'until \\xa3\\x00\\x01\\x00\\x00\n'
}

load() {
	client datagrams 4 "udp:$port" < <(script)
	client streams 2 "tcp:$port" <<-'EOF'
		send \x00\x24\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x0bt%n-%c\x06corpus\x00\x00\x01\x00\x01
		until \x0a\x01\x02\x03
	EOF
}

alive() { listens "$port"; }
