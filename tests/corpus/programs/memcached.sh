# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
# A server, a proxy before it, and a server that wants to know who one is: all of one program.
note='server, proxy and SASL server, 4 threads each'
load_packages='libsasl2-modules'

targets() { echo memcached; }

memcached() { spawn "$1" "$base/memcached" -u root -l 127.0.0.1 -p "$port" -t 4 "${@:2}"; }

start() {
	choose_port
	backend_port=$port
	memcached backend
	wait_for 20 listens "$backend_port"
	cat >"$run/proxy.lua" <<-EOF
		function mcp_config_pools(old)
		    return mcp.pool({ mcp.backend("b1", "127.0.0.1", "$backend_port") })
		end
		function mcp_config_routes(pool)
		    mcp.attach(mcp.CMD_ANY_STORAGE, function(r) return pool(r) end)
		end
	EOF
	choose_port
	proxy_port=$port
	memcached proxy -o "proxy_config=$run/proxy.lua"
	echo 'someone@here:secret' >"$run/users"
	choose_port
	sasl_port=$port
	mkdir -p "$run/sasl"
	echo 'mech_list: plain' >"$run/sasl/memcached.conf"
	SASL_CONF_PATH=$run/sasl MEMCACHED_SASL_PWDB=$run/users memcached sasl -S
}

text_script() {
	cat <<-'EOF'
		loop
		send set k%c 0 0 11\r\nround%n\r\n
		expect STORED\r\n
		send get k%c\r\n
		expect VALUE k%c 0 11\r\nround%n\r\nEND\r\n
		send set n%c 5 0 2\r\n41\r\n
		expect STORED\r\n
		send incr n%c 1\r\n
		expect 42\r\n
		send mg k%c v t f\r\n
		expect VA 11
		until round%n\r\n
		send delete k%c\r\n
		expect DELETED\r\n
		send get k%c\r\n
		expect END\r\n
	EOF
}

load() {
	client direct 4 "tcp:$backend_port" < <(text_script | sed "s, [kn]%c,&d,")
	client through 4 "tcp:$proxy_port" < <(text_script)
	# SASL PLAIN, then a version request: the binary protocol
	client sasl_load 2 "tcp:$sasl_port" <<-'EOF'
		loop
		send \x80\x21\x00\x05\x00\x00\x00\x00\x00\x00\x00\x19\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00PLAIN\x00someone@here\x00secret
		until Authenticated
		send \x80\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00
		until 1.6.18
		send \x80\x21\x00\x05\x00\x00\x00\x00\x00\x00\x00\x19\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00PLAIN\x00someone@here\x00wrong!
		expect \x81\x21\x00\x00\x00\x00\x00\x20
		until Auth failure
	EOF
}

version() {
	local fd
	exec {fd}<>"/dev/tcp/127.0.0.1/$1" || return 1
	printf 'version\r\nquit\r\n' >&"$fd"
	grep -q '^VERSION 1.6.18' <&"$fd"
	local status=$?
	exec {fd}>&-
	return $status
}
alive() { version "$backend_port" && version "$proxy_port" && listens "$sasl_port"; } 2>/dev/null
