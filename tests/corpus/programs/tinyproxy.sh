# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='all processes of its pool'
# Its count of idle servers falls below 0 now and then, and is compared as unsigned: with a maximum, a child would
# end then. What serves a tunnel is in the function that one fix changes until the tunnel is closed.

build_hosts() { compile origin; }
targets() { echo src/tinyproxy; }

start() {
	choose_port
	origin_port=$port
	spawn origin "$hosts/origin" "$origin_port"
	choose_port
	cat >"$run/tinyproxy.conf" <<-EOF
		Port $port
		Listen 127.0.0.1
		Timeout 60
		MaxClients 30
		MinSpareServers 1
		MaxSpareServers 4294967295
		StartServers 4
		MaxRequestsPerChild 0
		Allow 127.0.0.1
		ViaProxyName "tinyproxy"
		ConnectPort $origin_port
		XTinyproxy Yes
	EOF
	spawn tinyproxy "$base/src/tinyproxy" -d -c "$run/tinyproxy.conf"
	master=$spawned
	wait_for 20 has_pool
	mapfile -t pool < <(children_of "$master")
}
has_pool() { [ "$(children_of "$master" | wc -l)" -ge 4 ]; }
processes() { printf '%s\n' "$master" "${pool[@]}"; }

load() {
	client fetches 3 "tcp:$port" <<-EOF
		send GET http://127.0.0.1:$origin_port/a%n HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nProxy-Connection: keep-alive\r\n\r\n
		expect HTTP/1.
		until 200 OK
		until \r\n\r\n
		expect GET /a%n 0
	EOF
	client posts 1 "tcp:$port" <<-EOF
		send POST http://127.0.0.1:$origin_port/p%n HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6\r\n\r\n%n
		until \r\n\r\n
		expect POST /p%n 6
	EOF
	client tunnels 1 "tcp:$port" <<-EOF
		send CONNECT 127.0.0.1:$origin_port HTTP/1.0\r\n\r\n
		until \r\n\r\n
		send GET /t%n HTTP/1.1\r\nHost: a\r\n\r\n
		expect HTTP/1.1 200 OK
		until \r\n\r\n
		expect GET /t%n 0
	EOF
	client refused 1 "tcp:$port" <<-EOF
		send CONNECT 127.0.0.1:1 HTTP/1.0\r\n\r\n
		until 403 Access violation
		until </html>
	EOF
}

alive() { listens "$port"; }
