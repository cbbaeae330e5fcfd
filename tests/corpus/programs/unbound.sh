# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a resolver of 2 threads that validates NSEC3, with rpz, and the server that it asks'
load_packages='ldnsutils'

# shellcheck source=tests/corpus/lib/zone.bash
. "$here/lib/zone.bash"

targets() { echo unbound; }

server_options() {
	cat <<-EOF
		server:
		    interface: 127.0.0.1@$1
		    use-syslog: no
		    username: ""
		    chroot: ""
		    directory: "$run"
		    pidfile: ""
		    do-ip6: no
		    so-reuseport: yes
		    num-threads: 2
		    access-control: 127.0.0.0/8 allow
		    do-not-query-localhost: no
	EOF
}

start() {
	sign_zone >"$run/sign.log" 2>&1 || problem "ldns-signzone: $(tail -n 1 "$run/sign.log")"
	choose_port
	upstream_port=$port
	{
		server_options "$upstream_port"
		printf '    %s\n' 'local-zone: "corpus." redirect' 'local-data: "corpus. 1 IN A 10.1.2.3"'
		printf 'auth-zone:\n    %s\n    zonefile: "%s"\n' 'name: "signed."' signed.zone.signed
		echo '    for-upstream: no'
	} >"$run/upstream.conf"
	spawn upstream "$base/unbound" -d -c "$run/upstream.conf"
	choose_port
	{
		server_options "$port"
		printf '    %s\n' 'module-config: "respip validator iterator"' \
			'domain-insecure: "corpus."' "trust-anchor-file: $run/anchor.key" \
			'aggressive-nsec: yes' 'serve-expired: yes' 'prefetch: yes' 'qname-minimisation: no'
		printf 'forward-zone:\n    name: "corpus."\n    forward-addr: 127.0.0.1@%s\n' "$upstream_port"
		printf 'stub-zone:\n    name: "signed."\n    stub-addr: 127.0.0.1@%s\n' "$upstream_port"
		printf 'rpz:\n    name: "rpz."\n    zonefile: "rpz.zone"\n'
	} >"$run/resolver.conf"
	cat >"$run/rpz.zone" <<-'EOF'
		$ORIGIN rpz.
		$TTL 60
		@ IN SOA ns.rpz. admin.rpz. 1 3600 600 86400 1
		@ IN NS ns.rpz.
		blocked.corpus IN CNAME .
		changed.corpus IN A 10.9.9.9
	EOF
	spawn resolver "$base/unbound" -d -c "$run/resolver.conf"
}

dns_script() {
	echo loop
	dns_question '\x01\x00' '\x0bn%n-%c\x06corpus' # never asked before
	printf 'until \\x0a\\x01\\x02\\x03\n'
	dns_question '\x01\x00' '\x05often\x06corpus'
	printf 'until \\x0a\\x01\\x02\\x03\n'
	signed_script
	dns_question '\x01\x00' '\x07changed\x06corpus'
	printf 'until \\x0a\\x09\\x09\\x09\n'
	dns_question '\x01\x00' '\x07blocked\x06corpus'
	printf 'until \\x83\n'
}

load() {
	client datagrams 6 "udp:$port" < <(dns_script)
	client streams 2 "tcp:$port" <<-'EOF'
		loop
		send \x00\x24\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x0bt%n-%c\x06corpus\x00\x00\x01\x00\x01
		until \x0a\x01\x02\x03
	EOF
}

alive() { listens "$port" && listens "$upstream_port"; }
