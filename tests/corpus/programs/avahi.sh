# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 2 mDNS servers at the loopback interface; avahi-daemon with a D-Bus of its own'
load_packages='avahi-daemon dbus' # for the user that it runs as

parts() {
	if touches 'avahi-core/*' 'avahi-common/*'; then echo libraries; fi
	if touches 'avahi-daemon/*'; then echo daemon; fi
}

build_hosts() { # shellcheck disable=SC2046 # flags
	compile avahi -I"$base" $(linked avahi-core/.libs avahi-core) \
		$(linked avahi-common/.libs avahi-common)
}

targets() {
	case $part in
	libraries)
		if touches 'avahi-core/*'; then echo avahi-core/.libs/libavahi-core.so.7; fi
		if touches 'avahi-common/*'; then echo avahi-common/.libs/libavahi-common.so.3; fi
		;;
	daemon) echo avahi-daemon/.libs/avahi-daemon ;;
	esac
}

start() {
	choose_port
	case $part in
	libraries) host avahi 127.77.$((port / 256)).$((port % 256)) ;;
	daemon) start_bus && start_daemon ;;
	esac
}

start_bus() {
	cat >"$run/bus.conf" <<-EOF
		<busconfig>
		  <listen>unix:path=$run/bus</listen>
		  <policy context="default">
		    <allow send_destination="*"/>
		    <allow receive_sender="*"/>
		    <allow receive_type="signal"/>
		    <allow own="*"/>
		    <allow user="*"/>
		  </policy>
		</busconfig>
	EOF
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$run/bus
	spawn bus dbus-daemon --nofork --config-file="$run/bus.conf"
	wait_for 20 test -S "$run/bus"
}

# Its folder is where the tree's configure wants it.
start_daemon() {
	mkdir -p /usr/local/var/run
	cat >"$run/avahi.conf" <<-EOF
		[server]
		host-name=corpus-$port
		allow-interfaces=lo
		use-ipv6=no
		enable-dbus=yes
		[publish]
		publish-hinfo=no
		publish-workstation=no
	EOF
	spawn daemon with_libraries "$base/avahi-daemon/.libs/avahi-daemon" --no-drop-root \
		--no-chroot --no-rlimits -f "$run/avahi.conf"
	daemon=$spawned
}

with_libraries() {
	local each path=''
	for each in core common client; do path+=$base/avahi-$each/.libs:; done
	exec env LD_LIBRARY_PATH="${path%:}" "$@"
}
tool() { (with_libraries "$base/avahi-utils/.libs/$1" "${@:2}"); }

load() {
	case $part in
	daemon)
		spawn publisher with_libraries "$base/avahi-utils/.libs/avahi-publish" \
			-s lasting _corpus._tcp 4711 key=value
		wait_for 20 grep -q Established "$run/publisher.log"
		again browse browses
		again resolve resolves
		again publish publishes
		;;
	esac
}

browses() {
	local seen
	seen=$(tool avahi-browse -rtp _corpus._tcp)
	[[ $seen = *';lasting;'*';4711;"key=value"'* ]]
}
resolves() {
	local seen
	seen=$(tool avahi-resolve -4 -n "corpus-$port.local")
	[[ $seen = *127.0.0.1 ]]
}
# A service that comes and goes.
publishes() {
	local name=n$RANDOM line
	exec {lines}< <(tool avahi-publish -s "$name" _other._tcp 4712 "a=$name" 2>&1)
	read -rt 20 line <&"$lines"
	kill -INT $!
	exec {lines}<&-
	[ "$line" = "Established under name '$name'" ]
}

processes() {
	case $part in
	daemon) echo "$daemon" ;;
	*) printf '%s\n' "${servers[@]}" ;;
	esac
}
