# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
# The resolver finds all from the root on, so there are two more servers, which are nsd, since they need
# port 53 at addresses that nobody else has, where named listens only if an interface has them.
note='a resolver of 2 threads that validates, with rpz, and a server that takes updates'
load_packages='ldnsutils bind9-dnsutils nsd'

# shellcheck source=tests/corpus/lib/zone.bash
. "$here/lib/zone.bash"

# The build makes a table of its own functions' addresses of the program that it has linked. The one of
# the running program is right for that.
build_options=(--accept isc__backtrace_symtable --accept isc__backtrace_nsymbols)
note="$note; --accept for both variables"

targets() { echo bin/named/named; }

options() {
	cat <<-EOF
		options {
		    directory "$run";
		    pid-file none;
		    session-keyfile "$run/$1.session";
		    managed-keys-directory "$run";
		    listen-on-v6 { none; };
		    listen-on port $2 { $3; };
		    $4
		};
		controls { };
	EOF
}

zone() { printf 'zone "%s" { type %s; file "%s"; %s };\n' "$@"; }

zone_files() {
	cat >"$run/root.zone" <<-EOF
		\$TTL 1
		. IN SOA a.root. admin.root. 1 3600 600 86400 1
		. IN NS a.root.
		a.root. IN A $root
		corpus. IN NS ns.corpus.
		ns.corpus. IN A $zones
		signed. IN NS ns.signed.
		ns.signed. IN A $zones
		chain. IN NS ns.chain.
		ns.chain. IN A $zones
	EOF
	cat >"$run/corpus.zone" <<-EOF
		\$ORIGIN corpus.
		\$TTL 1
		@ IN SOA ns admin 1 3600 600 86400 1
		@ IN NS ns
		ns IN A $zones
		* IN A 10.1.2.3
		mail IN MX 10 first
		mail IN MX 20 second
		mail IN TXT "a text"
		first IN A 10.11.0.1
		second IN A 10.11.0.2
		old IN DNAME new
		www.new IN A 10.12.0.1
	EOF
	cat >"$run/chain.zone" <<-EOF
		\$ORIGIN chain.
		\$TTL 1
		@ IN SOA ns admin 1 3600 600 86400 1
		@ IN NS ns
		ns IN A $zones
		www IN A 10.13.0.1
		open IN NS ns.open
		ns.open IN A $zones
	EOF
	cat >"$run/open.zone" <<-EOF
		\$ORIGIN open.chain.
		\$TTL 1
		@ IN SOA ns admin 1 3600 600 86400 1
		@ IN NS ns
		ns IN A $zones
		www IN A 10.14.0.1
	EOF
	cat >"$run/dyn.zone" <<-EOF
		\$TTL 1
		@ IN SOA ns admin 1 3600 600 86400 1
		@ IN NS ns
		ns IN A $zones
	EOF
	cat >"$run/rpz.zone" <<-'EOF'
		$ORIGIN rpz.
		$TTL 60
		@ IN SOA ns.rpz. admin.rpz. 1 3600 600 86400 1
		@ IN NS localhost.
		blocked.corpus IN CNAME .
		changed.corpus IN A 10.9.9.9
		*.map.corpus IN CNAME *.target.corpus.
	EOF
}

# Signed with NSEC, below it what is not signed.
sign_chain() (
	cd "$run" || return
	key=$(ldns-keygen -a ECDSAP256SHA256 -k chain) &&
		ldns-signzone -f chain.zone.signed chain.zone "$key" && cp "$key.ds" chain.ds
)

anchors() { awk '{ printf "    %s static-ds %s %s %s \"%s\";\n", $1, $(NF-3), $(NF-2), $(NF-1), $NF }' "$@"; }

# start_nsd NAME ADDRESS ZONE FILE ...
start_nsd() {
	local name=$1
	cat >"$run/$name.conf" <<-EOF
		server:
		    ip-address: $2@53
		    username: ""
		    chroot: ""
		    database: ""
		    pidfile: ""
		    zonesdir: "$run"
		    zonelistfile: "$run/$name.list"
		    xfrdfile: "$run/$name.xfrd"
		    xfrdir: "$run"
		remote-control:
		    control-enable: no
	EOF
	shift 2
	printf 'zone:\n    name: %s\n    zonefile: %s\n' "$@" >>"$run/$name.conf"
	spawn "$name" nsd -d -c "$run/$name.conf"
}

start_server() {
	choose_port
	server_port=$port
	{
		options server "$port" 127.0.0.1 'recursion no; dnssec-validation no;'
		zone corpus primary corpus.zone ''
		zone signed primary signed.zone.signed ''
		zone dyn primary dyn.zone 'allow-update { 127.0.0.0/8; };'
	} >"$run/server.conf"
	spawn server "$base/bin/named/named" -g -n 2 -c "$run/server.conf"
	named=("$spawned")
}

start_resolver() {
	choose_port
	printf '. 3600 IN NS a.root.\na.root. 3600 IN A %s\n' "$root" >"$run/hints"
	{
		options resolver "$port" 127.0.0.1 'dnssec-validation yes; allow-recursion { any; };
		    qname-minimization off; response-policy { zone "rpz"; } qname-wait-recurse no;'
		echo 'trust-anchors {'
		anchors "$run/anchor.ds" "$run/chain.ds"
		echo '};'
		zone . hint hints ''
		zone rpz primary rpz.zone ''
	} >"$run/resolver.conf"
	spawn resolver "$base/bin/named/named" -g -n 2 -c "$run/resolver.conf"
	named+=("$spawned")
}

start() {
	choose_port
	root=127.78.$((port / 256)).$((port % 256)) zones=127.79.$((port / 256)).$((port % 256))
	zone_files
	{ sign_zone "$zones" && sign_chain; } >"$run/sign.log" 2>&1 ||
		problem "ldns-signzone: $(tail -n 1 "$run/sign.log")"
	start_nsd root "$root" . root.zone
	start_nsd zones "$zones" corpus corpus.zone signed signed.zone.signed chain chain.zone.signed \
		open.chain open.zone
	start_server
	start_resolver
}

dns_script() {
	echo loop
	dns_question '\x01\x00' '\x0bn%n-%c\x06corpus' # never asked before
	printf 'until \\x0a\\x01\\x02\\x03\n'
	dns_question '\x01\x00' '\x05often\x06corpus'
	printf 'until \\x0a\\x01\\x02\\x03\n'
	dns_question '\x01\x00' '\x04mail\x06corpus' '\x0f' # MX and what is added to it
	printf 'until \\x0a\\x0b\\x00\n'
	dns_question '\x01\x00' '\x04mail\x06corpus' '\xff' # ANY: what is in the cache
	printf 'until \\x81\\x80\n'
	dns_question '\x01\x00' '\x03www\x03old\x06corpus'
	printf 'until \\x0a\\x0c\\x00\\x01\n'
	signed_script
	dns_question '\x01\x20' '\x03www\x05chain'
	printf 'until \\x81\\xa0\nuntil \\x0a\\x0d\\x00\\x01\n'
	dns_question '\x01\x20' '\x07x%n\x05chain'
	printf 'until \\x81\\xa3\n'
	dns_question '\x01\x20' '\x03www\x04open\x05chain'
	printf 'until \\x81\\x80\nuntil \\x0a\\x0e\\x00\\x01\n'
	dns_question '\x01\x00' '\x07changed\x06corpus'
	printf 'until \\x0a\\x09\\x09\\x09\n'
	dns_question '\x01\x00' '\x07blocked\x06corpus'
	printf 'until \\x83\n'
	dns_question '\x01\x00' '\x07w%n\x03map\x06corpus'
	printf 'until \\x06target\nuntil \\x0a\\x01\\x02\\x03\n'
}

server_script() {
	echo loop
	dns_question '\x00\x00' '\x04mail\x06corpus' '\x0f'
	printf 'until \\x0a\\x0b\\x00\n'
	dns_question '\x00\x00' '\x04mail\x06corpus' '\xff'
	printf 'until a text\n'
	dns_question '\x00\x00' '\x03www\x03old\x06corpus'
	printf 'until \\x0a\\x0c\\x00\\x01\n'
	dns_question '\x00\x00' '\x07x%n\x06signed'
	printf 'until \\x84\\x03\n'
}

load() {
	client datagrams 6 "udp:$port" < <(dns_script)
	client streams 2 "tcp:$port" <<-'EOF'
		loop
		send \x00\x24\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x0bt%n-%c\x06corpus\x00\x00\x01\x00\x01
		until \x0a\x01\x02\x03
	EOF
	client server 2 "udp:$server_port" < <(server_script)
	again updates update
}

# A name that comes and goes.
update() {
	local name=u$RANDOM.dyn
	nsupdate <<<"server 127.0.0.1 $server_port
		update add $name 1 A 10.15.0.1
		send" && [ "$(dig +short -p "$server_port" @127.0.0.1 "$name")" = 10.15.0.1 ] &&
		nsupdate <<<"server 127.0.0.1 $server_port
			prereq yxrrset $name A
			update delete $name
			send" && [ -z "$(dig +short -p "$server_port" @127.0.0.1 "$name")" ]
}

processes() { printf '%s\n' "${named[@]}"; }
alive() { listens "$port" && listens "$server_port"; }
