# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='2 threads, HTTP/1 and HTTP/2 through itself'

targets() { echo haproxy; }

start() {
	choose_port
	answer_port=$port
	choose_port
	h2_port=$port
	choose_port
	cat >"$run/haproxy.cfg" <<-EOF
		global
		    nbthread 2
		    stats socket $run/admin mode 600 level admin
		defaults
		    mode http
		    timeout connect 10s
		    timeout client 20s
		    timeout server 20s
		    option http-keep-alive
		frontend outside
		    bind 127.0.0.1:$port
		    acl short path_beg /s
		    http-request deny status 403 if { path_beg /no }
		    http-request set-header x-seen %[path,lower]
		    compression algo gzip
		    use_backend direct if short
		    default_backend second
		backend second
		    server h2 127.0.0.1:$h2_port proto h2
		frontend second_in
		    bind 127.0.0.1:$h2_port proto h2
		    default_backend direct
		backend direct
		    server h1 127.0.0.1:$answer_port
		frontend answer
		    bind 127.0.0.1:$answer_port
		    option http-buffer-request
		    http-request return status 200 content-type text/plain lf-string "%[path] %[req.hdr(x-test)] %[req.hdr(x-seen)] %[req.body]."
	EOF
	spawn haproxy "$base/haproxy" -db -f "$run/haproxy.cfg"
}

load() {
	client web 6 "tcp:$port" <<-'EOF'
		loop
		send GET /Long/%c HTTP/1.1\r\nHost: a\r\nX-Test: %n\r\n\r\n
		expect HTTP/1.1 200
		until \r\n\r\n
		expect /Long/%c %n /long/%c .
		send GET /s HTTP/1.1\r\nHost: a\r\nX-Test: %n\r\n\r\n
		expect HTTP/1.1 200
		until \r\n\r\n
		expect /s %n /s .
		send POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n%n
		expect HTTP/1.1 200
		until \r\n\r\n
		expect /post  /post %n.
		send POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n%n\r\n3\r\n%c\r\n0\r\n\r\n
		expect HTTP/1.1 200
		until \r\n\r\n
		expect /chunks  /chunks %n%c.
	EOF
	client refused 2 "tcp:$port" <<-'EOF'
		send GET /no HTTP/1.1\r\nHost: a\r\n\r\n
		expect HTTP/1.1 403
		until \r\n\r\n
	EOF
	client malformed 2 "tcp:$port" <<-'EOF'
		send GET /x y HTTP/1.1\r\nHost: a\r\n\r\n
		expect HTTP/1.1 400
		until </html>
	EOF
}

# status_of "PATH VERSION and headers"
status_of() {
	local fd status
	exec {fd}<>"/dev/tcp/127.0.0.1/$port" || return 1
	printf '%b' "GET $1\r\nConnection: close\r\n\r\n" >&"$fd"
	read -r _ status _ <&"$fd"
	exec {fd}>&-
	echo "$status"
}

alive() { [ "$(status_of '/ HTTP/1.1\r\nHost: a')" = 200 ]; } 2>/dev/null
