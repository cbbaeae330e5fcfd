# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 4 threads: HTTP, HTTP/2 with push, SFTP, SCP and SMB, an upload without an end'
load_packages='nghttp2-server openssh-server openssl'

# shellcheck source=tests/corpus/lib/sshd.bash
. "$here/lib/sshd.bash"

build_hosts() { # shellcheck disable=SC2046 # flags
	compile origin && compile curl_smb &&
		compile curl -I"$base/include" $(linked lib/.libs curl)
}
targets() { echo lib/.libs/libcurl.so.4; }

files() {
	mkdir -p "$run/home" "$run/www"
	seq 1 20000 >"$run/file"
	cp "$run/file" "$run/home"
	cp "$run/file" "$run/www"
	echo index >"$run/www/index.html"
	echo pushed >"$run/www/pushed"
	printf 'machine %s.corpus login %s password secret-%s\n' amy amy a bob bob b >"$run/netrc"
	cat >"$run/hsts" <<-'END'
		.below.corpus "20991231 10:00:00"
		safe.corpus "20991231 11:00:00"
		safe.corpus "20991231 12:00:00"
	END
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=corpus \
		-keyout "$run/tls_key" -out "$run/tls_certificate" 2>"$run/openssl.log"
}

start_origin() {
	choose_port
	http_port=$port
	spawn origin "$hosts/origin" "$http_port"
}

# At port 443 of an address that nobody else has.
start_http2() {
	choose_port
	http2=127.77.$((port / 256)).$((port % 256))
	spawn http2 nghttpd -a "$http2" -d "$run/www" -p /=/pushed 443 "$run/tls_key" \
		"$run/tls_certificate"
}
listens_http2() { (exec 3<>"/dev/tcp/$http2/443") 2>/dev/null; }

start_smb() {
	choose_port
	smb_port=$port
	spawn smb "$hosts/curl_smb" "$smb_port" "$run/file"
}

start() {
	files
	start_origin
	start_http2
	start_smb
	start_sshd
	wait_for 20 listens "$http_port" && wait_for 20 listens "$smb_port" &&
		wait_for 20 listens_http2
	host curl "$run" "$http_port" "$sshd_port" "$smb_port" "$http2"
	client=$spawned
}
load() { :; }
processes() { echo "$client"; }
