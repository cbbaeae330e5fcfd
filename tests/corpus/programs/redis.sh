# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a server with io threads, TLS and a fork each second, and its replica'
load_packages='openssl'

targets() { echo src/redis-server; }

certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-keyout "$run/key.pem" -out "$run/cert.pem" 2>/dev/null
}

start() {
	certificate
	choose_port
	tls_port=$port
	choose_port
	main_port=$port
	mkdir -p "$run/main" "$run/replica"
	spawn main "$base/src/redis-server" --port "$main_port" --bind 127.0.0.1 --io-threads 2 \
		--io-threads-do-reads yes --dir "$run/main" --save 1 1 --appendonly yes \
		--tls-port "$tls_port" --tls-cert-file "$run/cert.pem" --tls-key-file "$run/key.pem" \
		--tls-ca-cert-file "$run/cert.pem" --tls-auth-clients no
	choose_port
	replica_port=$port
	wait_for 20 listens "$main_port"
	spawn replica "$base/src/redis-server" --port "$replica_port" --bind 127.0.0.1 \
		--dir "$run/replica" --replicaof 127.0.0.1 "$main_port"
}

load() {
	client commands 6 "tcp:$main_port" <<-'EOF'
		loop
		send SET k%c round%n\r\n
		expect +OK\r\n
		send GET k%c\r\n
		expect $11\r\nround%n\r\n
		send EVAL "local t = {} for i = 1, 20 do t[i] = i end return cjson.encode({unpack(t, 3, 5)}) .. bit.tohex(bit.bor(255, 256), 4) .. redis.call('get', KEYS[1])" 1 k%c\r\n
		expect $22\r\n[3,4,5]01ffround%n\r\n
		send DEL h%c l%c z%c p%c\r\n
		until \r\n
		send PFADD p%c a b c d e f\r\n
		expect :1\r\n
		send PFCOUNT p%c\r\n
		expect :6\r\n
		send PFMERGE p%c k-none\r\n
		expect +OK\r\n
		send RPUSH l%c 1 2 3\r\n
		expect :3\r\n
		send LRANGE l%c 0 -1\r\n
		expect *3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n
		send ZADD z%c 1 a 2 b\r\n
		expect :2\r\n
		send HSET h%c f %n\r\n
		expect :1\r\n
		send HGET h%c f\r\n
		expect $6\r\n%n\r\n
		send ACL SETUSER u%c on >secret ~k* +get\r\n
		expect +OK\r\n
		send ACL DELUSER u%c\r\n
		expect :1\r\n
		send CONFIG GET io-threads\r\n
		expect *2\r\n$10\r\nio-threads\r\n$1\r\n2\r\n
		send CONFIG SET hz 10\r\n
		expect +OK\r\n
		send KEYS k%c*[a\r\n
		until \r\n
	EOF
	again encrypted "$base/src/redis-cli" -p "$tls_port" --tls --insecure set tls works
}

alive() {
	[ "$("$base/src/redis-cli" -p "$main_port" ping)" = PONG ] &&
		"$base/src/redis-cli" -p "$replica_port" info replication | grep -q link_status:up
} 2>/dev/null
