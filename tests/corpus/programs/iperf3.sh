# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='the server, with authorized users'
load_packages='openssl'

targets() { printf '%s\n' src/.libs/iperf3 src/.libs/libiperf.so.0.0.0; }

iperf() { env LD_LIBRARY_PATH="$base/src/.libs" "$base/src/.libs/iperf3" "$@"; }

start() {
	choose_port
	openssl genrsa -out "$run/private.pem" 2048 2>/dev/null
	openssl rsa -in "$run/private.pem" -pubout -out "$run/public.pem" 2>/dev/null
	echo "someone,$(printf '{someone}secret' | sha256sum | cut -d' ' -f1)" >"$run/users.csv"
	spawn iperf3 env LD_LIBRARY_PATH="$base/src/.libs" "$base/src/.libs/iperf3" -s --forceflush -B 127.0.0.1 \
		-p "$port" --rsa-private-key-path "$run/private.pem" \
		--authorized-users-path "$run/users.csv"
}

# The server takes one client at a time.
load() { again tests tests; }

tests() {
	IPERF3_PASSWORD=secret iperf -c 127.0.0.1 -p "$port" --username someone \
		--rsa-public-key-path "$run/public.pem" -n 2M &&
		IPERF3_PASSWORD=secret iperf -c 127.0.0.1 -p "$port" -R -J --username someone \
			--rsa-public-key-path "$run/public.pem" -t 1 &&
		! IPERF3_PASSWORD=wrong iperf -c 127.0.0.1 -p "$port" -J --username someone \
			--rsa-public-key-path "$run/public.pem" -n 1M
}

alive() { grep -q 'Server listening' "$run/iperf3.log"; }
