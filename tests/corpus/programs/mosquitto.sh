# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
# The broker and libmosquitto compile some files both, each for itself.
note='the broker; a host of 3 threads for libmosquitto'

parts() {
	if touches 'src/*' 'lib/property_mosq.c' 'lib/packet_mosq.c'; then echo broker; fi
	if touches 'lib/*'; then echo library; fi
}

build_hosts() { # shellcheck disable=SC2046 # flags
	compile mosquitto -I"$base/include" $(linked lib) -l:libmosquitto.so.1
}

targets() {
	case $part in
	broker) echo src/mosquitto ;;
	library) echo lib/libmosquitto.so.1 ;;
	esac
}

start() {
	choose_port
	mkdir -p "$run/data"
	chmod 777 "$run/data"
	cat >"$run/broker.conf" <<-EOF
		listener $port 127.0.0.1
		allow_anonymous true
		persistence true
		persistence_location $run/data/
		autosave_interval 1
		user root
	EOF
	spawn broker "$base/src/mosquitto" -c "$run/broker.conf"
	broker=$spawned
	wait_for 20 listens "$port"
}

load() {
	case $part in
	broker) load_broker ;;
	library) host mosquitto "$port" ;;
	esac
}

processes() {
	case $part in
	broker) echo "$broker" ;;
	library) echo "$spawned" ;;
	esac
}

# Packets as MQTT 3.1.1 and 5 have them: a message to oneself, and one of QoS 2.
load_broker() {
	client version4 3 "tcp:$port" <<-'EOF'
		send \x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04c%c
		expect \x20\x02\x00\x00
		send \x82\x09\x00\x01\x00\x04t%c\x00
		expect \x90\x03\x00\x01\x00
		loop
		send \x30\x11\x00\x04t%cround%n
		expect \x30\x11\x00\x04t%cround%n
		send \x34\x13\x00\x04q%c\x00\x09round%n
		expect \x50\x02\x00\x09
		send \x62\x02\x00\x09
		expect \x70\x02\x00\x09
		send \x33\x13\x00\x04r%c\x00\x0around%n
		expect \x40\x02\x00\x0a
		send \xc0\x00
		expect \xd0\x00
	EOF
	client version5 3 "tcp:$port" <<-'EOF'
		send \x10\x19\x00\x04MQTT\x05\x02\x00\x3c\x08\x11\x00\x00\x00\x00\x21\x00\x14\x00\x04d%c
		until \x21\x00\x14
		send \x82\x0a\x00\x01\x00\x00\x04u%c\x00
		until \x90\x04\x00\x01\x00\x00
		loop
		send \x30\x19\x00\x04u%c\x07\x26\x00\x01k\x00\x01vround%n
		expect \x30\x19\x00\x04u%c\x07\x26\x00\x01k\x00\x01vround%n
		send \x34\x14\x00\x04w%c\x00\x09\x00round%n
		until \x50
		until \x00\x09
		send \x62\x02\x00\x09
		expect \x70\x02\x00\x09
	EOF
}

alive() { listens "$port"; }
