# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='a host of 3 threads; tiffcrop with a file of many pages'

parts() {
	if touches 'libtiff/*'; then echo library; fi
	if touches tools/tiffcrop.c; then echo tiffcrop; fi
}

build_hosts() { # shellcheck disable=SC2046 # flags
	compile tiff -I"$base/libtiff" $(linked libtiff/.libs tiff)
}

targets() {
	case $part in
	library) echo libtiff/.libs/libtiff.so.6 ;;
	tiffcrop) echo tools/.libs/tiffcrop ;;
	esac
}

start() {
	case $part in
	library) host tiff ;;
	tiffcrop) start_tiffcrop ;;
	esac
}

# Its pages take it longer than the test.
start_tiffcrop() {
	"$hosts/tiff" make "$run/in.tiff" 5000
	spawn tiffcrop env LD_LIBRARY_PATH="$base/libtiff/.libs" "$base/tools/.libs/tiffcrop" -R 90 \
		-U px -z 1,1,500,200:5,5,504,204 -e combined "$run/in.tiff" "$run/out.tiff"
	wait_for 20 test -s "$run/out.tiff"
}

load() { [ "$part" = library ] || again pages grows; }

# It gets on, and says nothing.
grows() {
	local size
	size=$(stat -c %s "$run/out.tiff")
	wait_for 10 larger "$size" && [ ! -s "$run/tiffcrop.log" ]
}
larger() { [ "$(stat -c %s "$run/out.tiff")" -gt "$1" ]; }
