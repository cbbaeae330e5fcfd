# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # run is set by who sources this
# A small zone that is signed, with NSEC3, and a script that asks for what is in it and what is not.
# Needs ldnsutils. Sourced by files in programs/.

# sign_zone [ADDRESS]: $run/signed.zone.signed, and its key as a trust anchor in $run/anchor.key and
# anchor.ds; ADDRESS is that of its server, without which it is 127.0.0.1
sign_zone() (
	local key
	cd "$run" || return
	sed "s/127.0.0.1/${1:-127.0.0.1}/" >signed.zone <<-'END'
		$ORIGIN signed.
		$TTL 1
		@ IN SOA ns.signed. admin.signed. 1 3600 600 86400 1
		@ IN NS ns.signed.
		ns IN A 127.0.0.1
		www IN A 10.4.5.6
		*.wild IN A 10.7.8.9
		alias IN CNAME www
	END
	key=$(ldns-keygen -a ECDSAP256SHA256 -k signed) || return
	cp "$key.key" anchor.key
	cp "$key.ds" anchor.ds
	ldns-signzone -n -f signed.zone.signed signed.zone "$key"
)

# dns_question FLAGS LABELS [TYPE]: as load.c has it, for an A record without a TYPE; labels with their
# length before
dns_question() {
	printf 'send \\x12\\x34%s\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00%s\\x00\\x00%s\\x00\\x01\n' \
		"$1" "$2" "${3:-\\x01}"
}

# The answers are authenticated (AD), also those that there is none.
signed_script() {
	dns_question '\x01\x20' '\x03www\x06signed'
	printf 'until \\x81\\xa0\nuntil \\x0a\\x04\\x05\\x06\n'
	dns_question '\x01\x20' '\x07n%n\x04wild\x06signed'
	printf 'until \\x0a\\x07\\x08\\x09\n'
	dns_question '\x01\x20' '\x07x%n\x06signed'
	printf 'until \\x81\\xa3\n'
	dns_question '\x01\x20' '\x05alias\x06signed'
	printf 'until \\x0a\\x04\\x05\\x06\n'
}
