# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads and openssl s_server'

build_hosts() { # shellcheck disable=SC2046 # flags
	compile openssl -I"$base/include" $(linked . ssl crypto)
}

targets() { printf '%s\n' libcrypto.so.1.1 libssl.so.1.1; }

openssl_of_base() { LD_LIBRARY_PATH=$base OPENSSL_CONF=/dev/null "$base/apps/openssl" "$@"; }

start() {
	openssl_of_base req -config "$base/apps/openssl.cnf" -x509 -newkey rsa:2048 -nodes -days 2 \
		-subj /CN=localhost -keyout "$run/key.pem" -out "$run/cert.pem" 2>"$run/req.log"
	choose_port
	host openssl
	spawn s_server env LD_LIBRARY_PATH="$base" OPENSSL_CONF=/dev/null "$base/apps/openssl" s_server \
		-accept "127.0.0.1:$port" -cert "$run/cert.pem" -key "$run/key.pem" -www -quiet
}

load() {
	again s_client ask -tls1_2
	again s_client3 ask -tls1_3
}

ask() {
	printf 'GET / HTTP/1.0\r\n\r\n' | openssl_of_base s_client -connect "127.0.0.1:$port" -quiet \
		"$@" 2>&1 | grep -q 'HTTP/1.0 200 ok'
}

alive() { listens "$port"; }
